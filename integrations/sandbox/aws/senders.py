"""Verified senders and the delivery of mail that Pinpoint and SES have in common."""

import json
import re
from collections.abc import Mapping
from typing import Any

from moto.ses.models import ses_backends

from integrations.sandbox.mailbox import bare_address

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


def verify_sender(account_id: str, region: str, address: str) -> None:
    """Make an address, or a whole domain, a verified identity of the account."""
    backend = ses_backends[account_id][region]
    identity = backend.email_identities.get(address) or backend.create_email_identity_v2(address, None, None, None)
    identity.verified_for_sending_status = True


def is_verified(account_id: str, region: str, sender: str) -> bool:
    address = bare_address(sender)
    identities = ses_backends[account_id][region].email_identities
    candidates = (identities.get(name) for name in (address, address.lower(), address.lower().rpartition("@")[2]))
    return any(identity is not None and identity.verified_for_sending_status for identity in candidates)


def not_verified_message(region: str, sender: str) -> str:
    return (
        f"Email address is not verified. The following identities failed the check in region {region.upper()}: {sender}"
    )


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Put the values in for ``{{name}}`` as they are; unknown names leave nothing. Nothing is escaped."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), text)


def json_values(text: str | None) -> dict[str, str]:
    """The replacement data of an SES template: a JSON object in a string."""
    data: dict[str, Any] = json.loads(text or "{}")
    return {name: str(value) for name, value in data.items()}
