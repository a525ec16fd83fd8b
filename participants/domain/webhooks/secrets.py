"""Secrets of endpoints, and the headers by which a receiver knows who sends (Standard Webhooks)."""

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

BYTES = 32
# How long the secret before the last rotation signs beside the new one.
OVERLAP = timedelta(hours=24)


def make_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(BYTES)).decode()}"


def sign(*, key: str, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    moment = now.astimezone(UTC)
    signatures = [Webhook(secret).sign(key, moment, body) for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
