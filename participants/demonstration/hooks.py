"""The demonstration's webhooks: one for each organization, to a receiver of the sandbox."""

from participants.domain.webhooks.endpoints import save_endpoint
from participants.models import WebhookEndpoint

DESCRIPTION = "The sandbox's receiver"


def ensure_webhook(*, slug: str, sandbox_url: str) -> None:
    """Runs inside the organization's scope. Once there, it goes where the sandbox is now."""
    url = f"{sandbox_url}/hooks/{slug}"
    known = WebhookEndpoint.objects.filter(description=DESCRIPTION).first()
    endpoint = known or WebhookEndpoint(description=DESCRIPTION)
    endpoint.url = url
    save_endpoint(endpoint=endpoint, actor=None, reason="The demonstration shows what arrives.")
