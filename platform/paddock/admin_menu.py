"""What surrounds every page of the admin: whose organization it is, in which role, and the way to everything else."""

import json
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse

from paddock.tenancy.admin_base import may, sees_all_events
from paddock.tenancy.models import Membership


class Entry(NamedTuple):
    title: str
    icon: str
    view: str
    role: Membership.Role = Membership.Role.VIEWER


RACING = [
    Entry("Events", "sports_score", "events_event_changelist"),
    Entry("Invitations", "forward_to_inbox", "participants_eventinvitation_changelist"),
    Entry("Registrations", "how_to_reg", "participants_registration_changelist"),
    Entry("Races", "flag", "events_race_changelist"),
    Entry("Participants", "group", "participants_participant_changelist"),
    Entry("Racers", "sports_motorsports", "participants_racerprofile_changelist"),
    Entry("Models", "model_training", "participants_trainedmodel_changelist"),
    Entry("Groups", "groups", "events_participantgroup_changelist"),
    Entry("Quota policies", "rule", "events_quotapolicy_changelist"),
    Entry("Budgets", "savings", "events_budget_changelist"),
    Entry("Operations", "checklist", "participants_operation_changelist"),
    Entry("Steps", "linear_scale", "participants_step_changelist"),
    Entry("Messages", "mail", "participants_message_changelist"),
]
CONNECTIONS = [
    Entry("Sponsoring accounts", "account_balance_wallet", "events_sponsoringaccount_changelist"),
    Entry("Directories", "contacts", "events_directoryconnection_changelist"),
    Entry("IAM Identity Center", "key", "events_identitycenterconnection_changelist"),
    Entry("Mail", "outgoing_mail", "events_mailconnection_changelist"),
    Entry("Webhooks", "webhook", "participants_webhookendpoint_changelist", Membership.Role.OWNER),
    Entry("Webhook log", "outbox", "participants_webhookdelivery_changelist"),
]
ORGANIZATION = [
    Entry("Members", "badge", "tenancy_membership_changelist", Membership.Role.OWNER),
    Entry("Invitations", "forward_to_inbox", "events_invitation_changelist", Membership.Role.OWNER),
    Entry("Single sign-on", "passkey", "sso_identityprovider_changelist", Membership.Role.OWNER),
    Entry("API keys", "vpn_key", "api_apikey_changelist", Membership.Role.OWNER),
    Entry("Audit trail", "history", "audit_auditentry_changelist"),
]
DEPLOYMENT = [
    Entry("Organizations", "domain", "tenancy_organization_changelist"),
    Entry("Users", "person", "accounts_user_changelist"),
    Entry("Operator sessions", "admin_panel_settings", "tenancy_operatorsession_changelist"),
]


def list_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    operates = bool(request.user.is_superuser)
    top = {"title": "Pit wall", "icon": "dashboard", "link": reverse("admin:index")}
    return [
        {"items": [top]},
        {"title": "Racing", "items": _list_items(request, RACING)},
        {"title": "Connections", "items": _list_items(request, CONNECTIONS)},
        {"title": "Organization", "items": _list_items(request, ORGANIZATION)},
        {"title": "Deployment", "items": [_make_item(entry) for entry in DEPLOYMENT] if operates else []},
    ]


def _list_items(request: HttpRequest, entries: list[Entry]) -> list[dict[str, str]]:
    return [_make_item(entry) for entry in entries if may(request, entry.role)]


def _make_item(entry: Entry) -> dict[str, str]:
    return {"title": entry.title, "icon": entry.icon, "link": reverse(f"admin:{entry.view}")}


def list_switches(request: HttpRequest) -> list[dict[str, Any]]:
    """The organizations to switch to, for the menu at the top; none where there is no choice."""
    organizations = getattr(request, "organizations", [])
    if len(organizations) < 2:
        return []
    return [
        {
            "title": each.name,
            "link": (link := reverse("admin:switch_organization", args=[each.slug])),
            "icon": "check" if each == request.organization else "flag",  # type: ignore[attr-defined]
            "attrs": {
                "hx-post": link,
                "hx-swap": "none",
                "hx-headers": json.dumps({"X-CSRFToken": get_token(request)}),
            },
        }
        for each in organizations
    ]


def list_account_links(request: HttpRequest) -> list[dict[str, str]]:
    """Under the name of whoever signed in."""
    password = {"title": "Change password", "link": reverse("admin:password_change")}
    everywhere = {"title": "Sign out everywhere", "link": reverse("admin:sign_out_everywhere")}
    has_password = request.user.is_authenticated and request.user.has_usable_password()
    return [password, everywhere] if has_password else [everywhere]


def name_organization(request: HttpRequest) -> str:
    organization = getattr(request, "organization", None)
    return organization.name if organization else "Paddock"


def name_role(request: HttpRequest) -> str:
    """Under the organization's name: as whom one acts for it."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return "Operator" if request.user.is_authenticated else "Pit wall"
    role = membership.get_role_display()
    return role if sees_all_events(request) else f"{role}, chosen events"


def mark_organization(request: HttpRequest) -> list[str] | None:
    """The organization's name at the head of every page, where a narrow screen hides the menu."""
    organization = getattr(request, "organization", None)
    return [organization.name, "info"] if organization else None
