"""Pinpoint's SendMessages, which moto lacks, for the e-mail channel."""

import base64
import json
import uuid
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.pinpoint import urls
from moto.pinpoint.models import App, pinpoint_backends
from moto.pinpoint.responses import PinpointResponse

from integrations.sandbox.aws.senders import is_verified, not_verified_message, substitute
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.mailbox import Mail, mail_from_mime

MAX_ADDRESSES = 100


class SandboxPinpoint(PinpointResponse):
    cloud: ClassVar[Cloud]

    def send_messages(self) -> str:
        application_id = self.path.split("/")[-2]
        self.pinpoint_backend.get_app(application_id)
        request = json.loads(self.body)
        addresses = request.get("Addresses") or {}
        if not 1 <= len(addresses) <= MAX_ADDRESSES:
            raise _bad_request(f"The number of addresses must be between 1 and {MAX_ADDRESSES}.")
        message = (request.get("MessageConfiguration") or {}).get("EmailMessage")
        if not message:
            raise _bad_request("Request must include message email message.")
        results = {address: self._send(message, address, settings) for address, settings in addresses.items()}
        body = {"ApplicationId": application_id, "RequestId": str(uuid.uuid4()), "Result": results}
        return json.dumps(body)

    def _send(self, message: dict[str, Any], address: str, settings: dict[str, Any]) -> dict[str, Any]:
        sender = message.get("FromAddress", "")
        if settings.get("ChannelType") != "EMAIL":
            return _result("PERMANENT_FAILURE", 400, f"Channel type {settings.get('ChannelType')} is not enabled.")
        if not is_verified(self.current_account, self.region, sender):
            return _result("PERMANENT_FAILURE", 400, not_verified_message(self.region, sender))
        if self.cloud.mailbox.is_suppressed(address):
            return _result("PERMANENT_FAILURE", 400, "The address is on the suppression list.")
        if self.cloud.failures.strikes():
            return _result("THROTTLED", 429, "Maximum sending rate exceeded.")
        mail = _mail(message, address, settings, sender)
        self.cloud.mailbox.accept(mail)
        return _result("SUCCESSFUL", 200, "Accepted") | {"MessageId": mail.id}


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first Pinpoint request."""
    SandboxPinpoint.cloud = cloud
    for path in urls.url_paths:
        urls.url_paths[path] = SandboxPinpoint.dispatch
    urls.url_paths["{0}/v1/apps/(?P<app_id>[^/]+)/messages$"] = SandboxPinpoint.dispatch


def put_application(account_id: str, region: str, application_id: str) -> None:
    """Create the application of this id unless it exists."""
    backend = pinpoint_backends[account_id][region]
    if application_id in backend.apps:
        return
    app = App(account_id, region, application_id)
    app.arn = app.arn.replace(app.application_id, application_id)
    app.application_id = application_id
    backend.apps[application_id] = app


def _mail(message: dict[str, Any], address: str, settings: dict[str, Any], sender: str) -> Mail:
    values = _values(message.get("Substitutions")) | _values(settings.get("Substitutions"))
    if "RawEmail" in message:
        content = substitute(base64.b64decode(message["RawEmail"]["Data"]).decode(), values)
        return mail_from_mime(content.encode(), to=address, provider="pinpoint")
    simple = message.get("SimpleEmail") or {}
    return Mail(
        to=address,
        subject=substitute(_data(simple, "Subject"), values),
        text=substitute(_data(simple, "TextPart"), values),
        html=substitute(_data(simple, "HtmlPart"), values),
        provider="pinpoint",
        sender=sender,
        headers={header["Name"]: substitute(header["Value"], values) for header in simple.get("Headers") or []},
    )


def _values(substitutions: dict[str, list[str]] | None) -> dict[str, str]:
    return {name: values[0] if values else "" for name, values in (substitutions or {}).items()}


def _data(simple: dict[str, Any], part: str) -> str:
    return str((simple.get(part) or {}).get("Data", ""))


def _result(status: str, code: int, message: str) -> dict[str, Any]:
    return {"DeliveryStatus": status, "StatusCode": code, "StatusMessage": message}


def _bad_request(message: str) -> JsonRESTError:
    return JsonRESTError("BadRequestException", message)
