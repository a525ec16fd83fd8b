"""SMTP into the same mailbox."""

import asyncio
import uuid

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.mailbox import mail_from_mime


class MailboxHandler:
    """Callbacks of aiosmtpd, one per SMTP command."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if self._cloud.mailbox.is_suppressed(address):
            return "550 5.1.1 The address is on the suppression list"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._cloud.calls.count("smtp", "DATA")
        await asyncio.sleep(self._cloud.knobs.smtp_latency_ms / 1000)
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        with self._cloud.lock:
            for recipient in envelope.rcpt_tos:
                self._cloud.mailbox.accept(mail_from_mime(raw, to=recipient, provider="smtp"))
        self._cloud.changed.set()
        return f"250 OK queued as {uuid.uuid4().hex}"


def smtp_server(cloud: Cloud, port: int) -> Controller:
    """Not started yet; port 0 is not supported, because aiosmtpd probes the port it was given."""
    return Controller(MailboxHandler(cloud), hostname="127.0.0.1", port=port)
