"""SES v2: moto's sending is replaced so that mails land in the mailbox, and bulk mail and quotas are added."""

import base64
import json
import uuid
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.sesv2 import urls
from moto.sesv2.responses import SESV2Response

from integrations.sandbox.aws.senders import is_verified, json_values, not_verified_message, substitute
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.mailbox import Mail, bare_address, mail_from_mime

MAX_RECIPIENTS = 50
MAX_BULK_ENTRIES = 50
DAILY_QUOTA = 50_000
RECIPIENTS_PER_SECOND = 500

_MORE_PATHS = ("{0}/v2/email/account$", "{0}/v2/email/outbound-bulk-emails$", "{0}/v2/email/templates$")


class SandboxSes(SESV2Response):
    cloud: ClassVar[Cloud]

    def send_email(self) -> str:
        params = json.loads(self.body)
        recipients = _recipients(params.get("Destination") or {}, params["Content"])
        if not 1 <= len(recipients) <= MAX_RECIPIENTS:
            raise _error("MessageRejected", f"Recipient count must be between 1 and {MAX_RECIPIENTS}.")
        sender = params.get("FromEmailAddress") or _raw_sender(params["Content"])
        self._require_verified(sender)
        self._take_rate(len(recipients))
        message_id = _message_id()
        for recipient in recipients:
            self._deliver(_mail(params, recipient, sender, self._template(params["Content"])))
        return json.dumps({"MessageId": message_id})

    def send_bulk_email(self) -> str:
        params = json.loads(self.body)
        entries = params.get("BulkEmailEntries") or []
        if not 1 <= len(entries) <= MAX_BULK_ENTRIES:
            raise _error("BadRequestException", f"The number of entries must be between 1 and {MAX_BULK_ENTRIES}.")
        sender = params.get("FromEmailAddress") or ""
        self._require_verified(sender)
        self._take_rate(len(entries))
        template = self._template(params["DefaultContent"])
        defaults = json_values(params["DefaultContent"]["Template"].get("TemplateData"))
        results = [self._send_entry(entry, sender, template, defaults) for entry in entries]
        return json.dumps({"BulkEmailEntryResults": results})

    def create_email_template(self) -> str:
        params = json.loads(self.body)
        name, templates = params["TemplateName"], self.sesv2_backend.core_backend.templates
        if name in templates:
            raise _error("AlreadyExistsException", f"Template {name} already exists.")
        templates[name] = params["TemplateContent"]
        return "{}"

    def get_account(self) -> str:
        sent = sum(1 for mail in self.cloud.mailbox.mails if mail.provider == "ses")
        quota = {"Max24HourSend": DAILY_QUOTA, "MaxSendRate": RECIPIENTS_PER_SECOND, "SentLast24Hours": sent}
        body = {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": not self.cloud.knobs.ses_is_sandboxed,
            "SendQuota": quota,
            "SendingEnabled": True,
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        }
        return json.dumps(body)

    def _send_entry(
        self, entry: dict[str, Any], sender: str, template: dict[str, str], defaults: dict[str, str]
    ) -> dict[str, Any]:
        if self.cloud.failures.strikes():
            return {"Status": "ACCOUNT_THROTTLED", "Error": "Maximum sending rate exceeded."}
        replacement = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
        values = defaults | json_values(replacement.get("ReplacementTemplateData"))
        headers = {header["Name"]: header["Value"] for header in entry.get("ReplacementHeaders") or []}
        for recipient in _addresses(entry.get("Destination") or {}):
            self._deliver(_templated_mail(template, values, recipient, sender, headers))
        return {"Status": "SUCCESS", "MessageId": _message_id()}

    def _deliver(self, mail: Mail) -> None:
        """A suppressed address is accepted and never delivered: the bounce would arrive as an event."""
        if not self.cloud.mailbox.is_suppressed(mail.to):
            self.cloud.mailbox.accept(mail)

    def _require_verified(self, sender: str) -> None:
        if not is_verified(self.current_account, self.region, sender):
            raise _error("MessageRejected", not_verified_message(self.region, sender))

    def _take_rate(self, recipients: int) -> None:
        """The sending rate counts recipients, not calls."""
        if not self.cloud.knobs.throttles:
            return
        now = self.cloud.now()
        window = self.cloud.windows.window(
            "ses rate", f"{self.current_account}/{self.region}", amount=RECIPIENTS_PER_SECOND, seconds=1
        )
        if window.seconds_until_free(recipients, now):
            raise _error("TooManyRequestsException", "Maximum sending rate exceeded.", status=429)
        window.take(recipients, now)

    def _template(self, content: dict[str, Any]) -> dict[str, str]:
        """Stored or inline; empty for content that is no template."""
        wanted = content.get("Template")
        if wanted is None:
            return {}
        if "TemplateContent" in wanted:
            inline: dict[str, str] = wanted["TemplateContent"]
            return inline
        stored = self.sesv2_backend.core_backend.templates.get(wanted.get("TemplateName", ""))
        if stored is None:
            raise _error("NotFoundException", f"Template {wanted.get('TemplateName')} does not exist.", status=404)
        return stored


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first SES request."""
    SandboxSes.cloud = cloud
    for path in [*urls.url_paths, *_MORE_PATHS]:
        urls.url_paths[path] = SandboxSes.dispatch


def _mail(params: dict[str, Any], recipient: str, sender: str, template: dict[str, str]) -> Mail:
    content = params["Content"]
    if "Raw" in content:
        return mail_from_mime(base64.b64decode(content["Raw"]["Data"]), to=recipient, provider="ses")
    part = content.get("Simple") or content["Template"]
    headers = {header["Name"]: header["Value"] for header in part.get("Headers") or []}
    if "Template" in content:
        return _templated_mail(template, json_values(part.get("TemplateData")), recipient, sender, headers)
    body = part["Body"]
    return Mail(
        to=recipient,
        subject=part["Subject"]["Data"],
        text=body.get("Text", {}).get("Data", ""),
        html=body.get("Html", {}).get("Data", ""),
        provider="ses",
        sender=sender,
        headers=headers,
    )


def _templated_mail(
    template: dict[str, str], values: dict[str, str], recipient: str, sender: str, headers: dict[str, str]
) -> Mail:
    return Mail(
        to=bare_address(recipient),
        subject=substitute(template.get("Subject") or "", values),
        text=substitute(template.get("Text") or "", values),
        html=substitute(template.get("Html") or "", values),
        provider="ses",
        sender=sender,
        headers=headers,
    )


def _recipients(destination: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """Of the destination; a raw message without one is addressed by its own headers."""
    addresses = _addresses(destination)
    if addresses or "Raw" not in content:
        return addresses
    headers = mail_from_mime(base64.b64decode(content["Raw"]["Data"]), to="", provider="ses").headers
    return [bare_address(part) for name in ("To", "Cc", "Bcc") for part in headers.get(name, "").split(",") if part]


def _addresses(destination: dict[str, Any]) -> list[str]:
    kinds = ("ToAddresses", "CcAddresses", "BccAddresses")
    return [bare_address(address) for kind in kinds for address in destination.get(kind) or []]


def _raw_sender(content: dict[str, Any]) -> str:
    if "Raw" not in content:
        return ""
    return mail_from_mime(base64.b64decode(content["Raw"]["Data"]), to="", provider="ses").sender


def _message_id() -> str:
    return f"0100{uuid.uuid4().hex}-{uuid.uuid4()}-000000"


def _error(code: str, message: str, *, status: int = 400) -> JsonRESTError:
    error = JsonRESTError(code, message)
    error.code = status
    return error
