"""/invitations: guests of other domains."""

import uuid
from typing import Any
from urllib.parse import quote

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph.store import Tenant, User
from integrations.sandbox.graph.wire import GraphAnswer, GraphRequest, bad_request


def invite(cloud: Cloud, request: GraphRequest) -> GraphAnswer:
    address = request.text("invitedUserEmailAddress")
    landing_url = request.text("inviteRedirectUrl")
    if "@" not in address:
        raise bad_request("Invalid email address.", code="BadRequest")
    user = request.tenant.find_user(address)
    if user is not None and user.user_type == "Member":
        raise bad_request(
            f"The invited user already exists in the directory as object ID: {user.id}. "
            "They can use that account to sign in to shared apps and resources.",
            code="BadRequest",
        )
    user = user or _create_guest(request.tenant, address, request.body.get("invitedUserDisplayName"), cloud.now())
    return GraphAnswer(201, _entity(user, landing_url, request.body))


def _create_guest(tenant: Tenant, address: str, display_name: str | None, now: float) -> User:
    """Guests have neither given name nor surname until somebody enters them."""
    home = next((d for d in sorted(tenant.domains) if d.endswith(".onmicrosoft.com")), f"{tenant.tenant_id}.example")
    guest = User(
        id=str(uuid.uuid4()),
        mail=address,
        user_principal_name=f"{address.replace('@', '_')}#EXT#@{home}",
        given_name=None,
        surname=None,
        display_name=display_name or address.partition("@")[0],
        created_at=now,
        user_type="Guest",
    )
    tenant.put_user(guest)
    return guest


def _entity(user: User, landing_url: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "inviteRedeemUrl": f"https://login.microsoftonline.com/redeem?rd={quote(landing_url, safe='')}",
        "invitedUserDisplayName": user.display_name,
        "invitedUserType": "Guest",
        "invitedUserEmailAddress": user.mail,
        "sendInvitationMessage": bool(body.get("sendInvitationMessage", False)),
        "inviteRedirectUrl": landing_url,
        "status": "PendingAcceptance",
        "invitedUser": {"id": user.id},
    }
