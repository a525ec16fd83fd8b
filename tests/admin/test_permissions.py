"""Who may open which page, and who may change what: every address of the admin stands in these tables."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from events.models import QuotaPolicy
from paddock.accounts.models import User
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from tests.admin.outsiders import may_tell, tells
from tests.admin.stage import ROLES, SECRETS, Tenant, sign_in
from tests.support.actors import ACTORS
from tests.support.comparing import see_answer

NOBODY: tuple[str, ...] = ()
OPERATORS = ("operator",)
OWNERS = ("owner", "operator")
ORGANIZERS = ("organizer", "owner", "operator")
EVERYBODY = ROLES

RACE_ACTIONS = ("mail_race", "close_race", "renew_invitation")
RACER_ACTIONS = ("change_quota", "follow_policy", "put_in_group", "pause", "resume", "stop_training")
RACER_ACTIONS += ("delete_all_models", "send_passwords")

# Who may look (GET) and who may send (POST).
Allowed = tuple[tuple[str, ...], tuple[str, ...]]
CONNECTION: dict[str, Allowed] = {
    "changelist": (EVERYBODY, EVERYBODY),
    "add": (OWNERS, OWNERS),
    "change": (EVERYBODY, OWNERS),
    "delete": (OWNERS, OWNERS),  # and refused in words, because an event needs it
    "history": (EVERYBODY, EVERYBODY),
}
LOOKED_AT: dict[str, Allowed] = {
    "changelist": (EVERYBODY, EVERYBODY),
    "add": (NOBODY, NOBODY),
    "change": (EVERYBODY, NOBODY),
    "delete": (NOBODY, NOBODY),
    "history": (EVERYBODY, EVERYBODY),
}
MODELS: dict[str, dict[str, Allowed]] = {
    "events_event": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (ORGANIZERS, ORGANIZERS),
        "change": (EVERYBODY, ORGANIZERS),
        "delete": (NOBODY, NOBODY),  # people are registered for it
        "history": (EVERYBODY, EVERYBODY),
        "set_up_access": (ORGANIZERS, ORGANIZERS),
        "export_usage": (EVERYBODY, EVERYBODY),
        "dashboard": (EVERYBODY, NOBODY),
        "dashboard_part": (EVERYBODY, NOBODY),
        "statistics": (EVERYBODY, NOBODY),
        "statistics_csv": (EVERYBODY, NOBODY),
        "see_preflight": (EVERYBODY, EVERYBODY),
        "preflight": (EVERYBODY, NOBODY),
        "preflight_lines": (EVERYBODY, NOBODY),
        "preflight_start": (NOBODY, ORGANIZERS),
        **dict.fromkeys(("intake", "intake_standing"), (EVERYBODY, NOBODY)),
        **dict.fromkeys(("intake_try", "intake_retry", "intake_switch"), (NOBODY, ORGANIZERS)),
        "write": (ORGANIZERS, ORGANIZERS),
        "add_race": (ORGANIZERS, ORGANIZERS),
        **dict.fromkeys(RACER_ACTIONS, (ORGANIZERS, ORGANIZERS)),
        "quota_policy": (ORGANIZERS, ORGANIZERS),
        **dict.fromkeys(("end_event", "bulk_end_event", "invite", "bulk_invite"), (ORGANIZERS, ORGANIZERS)),
        "see_offboarding": (EVERYBODY, EVERYBODY),
        **dict.fromkeys(("offboarding", "offboarding_answer", "offboarding_csv"), (EVERYBODY, NOBODY)),
        "offboarding_retry": (NOBODY, ORGANIZERS),
    },
    "events_intake": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (ORGANIZERS, ORGANIZERS),
        "change": (EVERYBODY, ORGANIZERS),
        "delete": (ORGANIZERS, ORGANIZERS),
        "history": (EVERYBODY, EVERYBODY),
    },
    "events_participantgroup": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (ORGANIZERS, ORGANIZERS),
        "change": (EVERYBODY, ORGANIZERS),
        "delete": (NOBODY, NOBODY),  # a policy hangs on it
        "history": (EVERYBODY, EVERYBODY),
    },
    "events_quotapolicy": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (ORGANIZERS, ORGANIZERS),
        "change": (EVERYBODY, NOBODY),
        "delete": (NOBODY, NOBODY),
        "history": (EVERYBODY, EVERYBODY),
        "change_policy": (ORGANIZERS, ORGANIZERS),
        "bulk_change_policy": (ORGANIZERS, ORGANIZERS),
    },
    "events_directoryconnection": CONNECTION,
    "events_identitycenterconnection": CONNECTION,
    "events_sponsoringaccount": CONNECTION
    | {
        "sync_now": (ORGANIZERS, ORGANIZERS),
        "export_usage": (EVERYBODY, EVERYBODY),
        **dict.fromkeys(("activate_mode", "deactivate_mode"), (OWNERS, OWNERS)),
        **dict.fromkeys(("bulk_activate_mode", "bulk_deactivate_mode"), (OWNERS, OWNERS)),
    },
    "events_mailconnection": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (NOBODY, NOBODY),  # there is one already
        "change": (EVERYBODY, OWNERS),
        "delete": (OWNERS, OWNERS),
        "history": (EVERYBODY, EVERYBODY),
    },
    "events_budget": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (ORGANIZERS, ORGANIZERS),
        "change": (EVERYBODY, ORGANIZERS),
        "delete": (NOBODY, NOBODY),
        "history": (EVERYBODY, EVERYBODY),
        "change_amount": (ORGANIZERS, ORGANIZERS),
        "unfreeze": (NOBODY, NOBODY),  # nothing is frozen
        "arm": (NOBODY, NOBODY),  # nothing has fired
    },
    "events_race": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (ORGANIZERS, ORGANIZERS),
        "change": (EVERYBODY, ORGANIZERS),
        "delete": (ORGANIZERS, ORGANIZERS),
        "history": (EVERYBODY, EVERYBODY),
        **dict.fromkeys(RACE_ACTIONS, (ORGANIZERS, ORGANIZERS)),
        **{f"bulk_{name}": (ORGANIZERS, ORGANIZERS) for name in RACE_ACTIONS},
        "retry_race": (ORGANIZERS, ORGANIZERS),
        "read_leaderboard": (ORGANIZERS, ORGANIZERS),
        "leaderboard_csv": (EVERYBODY, EVERYBODY),
    },
    "sso_identityprovider": {
        "changelist": (OWNERS, OWNERS),
        "add": (OWNERS, OWNERS),
        "change": (OWNERS, OWNERS),
        "delete": (OWNERS, OWNERS),
        "history": (OWNERS, OWNERS),
    },
    "audit_auditentry": LOOKED_AT | {"csv": (EVERYBODY, NOBODY)},
    "audit_rowchange": LOOKED_AT | {"csv": (EVERYBODY, NOBODY)},
    "tenancy_membership": {
        "changelist": (OWNERS, OWNERS),
        "add": (NOBODY, NOBODY),  # people are invited
        "change": (OWNERS, OWNERS),
        "delete": (OWNERS, OWNERS),
        "history": (OWNERS, OWNERS),
        "invite": (OWNERS, OWNERS),
    },
    "events_invitation": {
        "changelist": (OWNERS, OWNERS),
        "add": (OWNERS, OWNERS),
        "change": (OWNERS, NOBODY),
        "delete": (NOBODY, NOBODY),
        "history": (OWNERS, OWNERS),
        "send_again": (OWNERS, OWNERS),
        "withdraw": (OWNERS, OWNERS),
    },
    "tenancy_operatorsession": {
        "changelist": (OPERATORS, OPERATORS),
        "add": (OPERATORS, OPERATORS),
        "change": (OPERATORS, NOBODY),
        "delete": (NOBODY, NOBODY),
        "history": (OPERATORS, OPERATORS),
    },
    "api_apikey": {
        "changelist": (OWNERS, OWNERS),
        "add": (OWNERS, OWNERS),
        "change": (OWNERS, OWNERS),
        "delete": (NOBODY, NOBODY),
        "history": (OWNERS, OWNERS),
        "revoke_key": (OWNERS, OWNERS),
    },
    "participants_participant": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (NOBODY, NOBODY),
        "change": (EVERYBODY, ORGANIZERS),
        "delete": (NOBODY, NOBODY),
        "history": (EVERYBODY, EVERYBODY),
    },
    "participants_registration": {
        "changelist": (EVERYBODY, EVERYBODY),
        "add": (NOBODY, NOBODY),
        "change": (EVERYBODY, NOBODY),
        "delete": (NOBODY, NOBODY),
        "history": (EVERYBODY, EVERYBODY),
        "retry_steps": (ORGANIZERS, ORGANIZERS),
        "bulk_write": (ORGANIZERS, ORGANIZERS),
        **dict.fromkeys(("remove_people", "bulk_remove_people"), (ORGANIZERS, ORGANIZERS)),
        **dict.fromkeys(RACER_ACTIONS, (ORGANIZERS, ORGANIZERS)),
        **{f"bulk_{name}": (ORGANIZERS, ORGANIZERS) for name in RACER_ACTIONS},
    },
    "participants_racerprofile": LOOKED_AT
    | dict.fromkeys(("link", "unlink", "ignore"), (NOBODY, NOBODY))  # they have never signed in
    | dict.fromkeys(("strangers", "delete_models"), (ORGANIZERS, ORGANIZERS))
    | {"models": (EVERYBODY, NOBODY)},
    "participants_trainedmodel": LOOKED_AT
    | dict.fromkeys(("refresh", "delete_models", "bulk_delete_models"), (ORGANIZERS, ORGANIZERS)),
    "participants_step": LOOKED_AT | {"bulk_retry": (ORGANIZERS, ORGANIZERS)},
    "participants_message": LOOKED_AT,
    "participants_eventinvitation": LOOKED_AT,
    "participants_webhookendpoint": {
        **dict.fromkeys(("changelist", "add", "change", "delete", "history"), (OWNERS, OWNERS)),
        **dict.fromkeys(("send_test", "rotate_secret", "switch_off", "switch_on"), (OWNERS, OWNERS)),
    },
    "participants_webhookdelivery": LOOKED_AT
    | {"progress": (EVERYBODY, NOBODY)}
    | dict.fromkeys(("redeliver", "bulk_redeliver"), (OWNERS, OWNERS)),
    "participants_operation": LOOKED_AT | {"progress": (EVERYBODY, NOBODY), "retry_failed": (ORGANIZERS, ORGANIZERS)},
    "tenancy_organization": {
        "changelist": (OPERATORS, OPERATORS),
        "add": (OPERATORS, OPERATORS),
        "change": (OPERATORS, OPERATORS),
        "delete": (NOBODY, NOBODY),
        "history": (OPERATORS, OPERATORS),
    },
    "accounts_user": {
        "changelist": (OPERATORS, OPERATORS),
        "add": (OPERATORS, OPERATORS),
        "change": (OPERATORS, OPERATORS),
        "delete": (NOBODY, NOBODY),
        "history": (OPERATORS, OPERATORS),
        "auth_user_password_change": (OPERATORS, OPERATORS),
        "reset_second_factor": (NOBODY, NOBODY),  # they have none
    },
}
SITE: dict[str, Allowed] = {
    "index": (EVERYBODY, EVERYBODY),
    "app_list": (EVERYBODY, EVERYBODY),
    "search": (EVERYBODY, EVERYBODY),
    "jsi18n": (EVERYBODY, NOBODY),
    "password_change": (EVERYBODY, EVERYBODY),
    "password_change_done": (EVERYBODY, NOBODY),
    "autocomplete": (NOBODY, NOBODY),  # no page asks it for anything
    "view_on_site": (NOBODY, NOBODY),
    "switch_organization": (NOBODY, EVERYBODY),
    "set_up_second_factor": (EVERYBODY, EVERYBODY),  # for operators; others are sent on
    "prove_again": (EVERYBODY, EVERYBODY),
    "racer_strangers": (ORGANIZERS, NOBODY),  # a decision is about somebody
}
# Signing out everywhere would sign out the rest of the table.
WITHOUT_SIGN_IN = {"login", "logout", "second_factor", "sign_out_everywhere"}
# What no event has to itself; and what is looked at by operators alone, who see every organization.
FOR_ALL_EVENTS = {
    *("events_directoryconnection", "events_identitycenterconnection", "events_sponsoringaccount"),
    *("events_mailconnection", "sso_identityprovider", "tenancy_membership", "events_invitation"),
}
FOR_OPERATORS = {"tenancy_organization", "accounts_user", "tenancy_operatorsession"}
MISSING = 987_654_321
ANSWERS_OF_ALLOWED = {200, 302}
ANSWERS_OF_REFUSED = {403, 404, 405}

CASES = [
    (f"{model}_{what}" if not what.startswith("auth_") else what, model, *allowed)
    for model, pages in MODELS.items()
    for what, allowed in pages.items()
] + [(name, "", *allowed) for name, allowed in SITE.items()]
# The last of all: an operator whose session has ended opens nothing more.
CASES.append(("tenancy_operatorsession_end", "tenancy_operatorsession", NOBODY, OPERATORS))


def list_names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from list_names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def test_every_address_stands_in_the_table() -> None:
    known = {name for name, *_ in CASES} | WITHOUT_SIGN_IN
    assert set(list_names(admin.site.get_urls())) - known == set()


def find_addresses(tenant: Tenant) -> dict[str, str]:
    """Of every case, by its name."""
    ids = find_ids(tenant)
    return {name: find_address(name, model, tenant, ids) for name, model, *_ in CASES}


def find_ids(tenant: Tenant) -> dict[str, int]:
    rows = {f"{row._meta.app_label}_{row._meta.model_name}": row for row in tenant.rows.values()}
    rows["tenancy_operatorsession"] = tenant.operator_session
    rows["tenancy_organization"] = tenant.organization
    rows["accounts_user"] = User.objects.order_by("id").first() or User()
    return {model: row.pk for model, row in rows.items()}


def find_address(name: str, model: str, tenant: Tenant, ids: dict[str, int]) -> str:
    fixed: dict[str, list[object]] = {
        "app_list": ["events"],
        "participants_racerprofile_strangers": [],
        "participants_trainedmodel_refresh": [],
        "audit_auditentry_csv": [],
        "audit_rowchange_csv": [],
        "tenancy_membership_invite": [],
        "tenancy_operatorsession_end": [],
        "events_event_dashboard_part": [ids["events_event"], "work"],
        "view_on_site": [ContentType.objects.get_for_model(tenant.event).pk, tenant.event.pk],
        "switch_organization": [tenant.organization.slug],
    }
    if name in fixed:
        return reverse(f"admin:{name}", args=fixed[name])
    if not model or name.endswith(("_changelist", "_add")) or "_bulk_" in name:
        return reverse(f"admin:{name}")
    return reverse(f"admin:{name}", args=[ids[model]])


@pytest.mark.parametrize("role", ROLES)
def test_roles(role: str, contoso: Tenant, zebra: Tenant) -> None:
    """What each may open and send; and no answer tells a secret, or anything of another organization."""
    client, wrong = sign_in(role, contoso.organization), []
    addresses = find_addresses(contoso)
    for name, _, lookers, senders in CASES:
        for method, allowed in (("get", role in lookers), ("post", role in senders)):
            answer = client.generic(method.upper(), addresses[name])
            expected = ANSWERS_OF_ALLOWED if allowed else ANSWERS_OF_REFUSED
            tells_more = tells(answer, *SECRETS) or (tells(answer) and not may_tell(role, addresses[name]))
            if answer.status_code not in expected or tells_more:
                wrong.append((method, addresses[name], answer.status_code, tells_more))
    assert wrong == []


@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_whoever_works_for_nobody_is_sent_to_sign_in(role: str, contoso: Tenant) -> None:
    client = Client() if role == "anonymous" else sign_in("viewer")
    for name, address in find_addresses(contoso).items():
        answer = client.get(address)
        assert answer.status_code == 302, name
        assert answer.url.startswith("/admin/login/"), name


@pytest.mark.parametrize("role", ["elsewhere", "stranger"])
def test_what_is_foreign_is_not_there(role: str, contoso: Tenant, fabrikam: Tenant) -> None:
    """Rows of an event that was not chosen, and of another organization, answer as rows that do not exist."""
    client, ids, wrong = ACTORS[role](contoso, fabrikam), find_ids(contoso), []
    nowhere = dict.fromkeys(ids, MISSING)
    for name, model, *_ in CASES:
        if model not in ids or model in FOR_OPERATORS or (role == "elsewhere" and model in FOR_ALL_EVENTS):
            continue
        address = find_address(name, model, contoso, ids)
        for method in ("GET", "POST") if address != find_address(name, model, contoso, nowhere) else ():
            answer = client.generic(method, address)
            missing = client.generic(method, find_address(name, model, contoso, nowhere))
            if see_answer(answer, ids[model]) != see_answer(missing, MISSING):
                wrong.append(f"{method} {address}: {answer.status_code}, {missing.status_code}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("role", ["viewer", "organizer", "owner"])
def test_the_menu_shows_what_may_be_opened(role: str, contoso: Tenant) -> None:
    client = sign_in(role, contoso.organization)
    answer = client.get("/admin/").content.decode()
    assert ("/admin/tenancy/membership/" in answer) == (role == "owner")
    assert ("/admin/participants/webhookendpoint/" in answer) == (role == "owner")
    assert "/admin/accounts/user/" not in answer
    assert "/admin/participants/registration/" in answer


def test_nobody_changes_their_own_membership(contoso: Tenant) -> None:
    client = sign_in("owner", contoso.organization)
    with organization_scope(contoso.organization.pk):
        own = Membership.objects.get(user_id=client.session["_auth_user_id"])
    assert client.post(f"/admin/tenancy/membership/{own.pk}/change/", {"role": "viewer"}).status_code == 403
    assert (
        client.post(f"/admin/tenancy/membership/{own.pk}/delete/", {"post": "yes", "audit_reason": "x"}).status_code
        == 403
    )


def test_an_operator_without_organizations_is_told_how_to_begin(db: None) -> None:
    client = sign_in("operator")
    assert "add an organization" in client.get("/admin/").content.decode()
    answer = client.post("/admin/tenancy/organization/add/", {"name": "First", "slug": "first"})
    assert answer.status_code == 302
    assert "First" in client.get("/admin/tenancy/organization/").content.decode()
    assert "First" in client.get("/admin/tenancy/operatorsession/add/").content.decode()
    assert not Organization.objects.exists()  # outside of its scope
    with across_tenants("the test looks from above"):
        policy = QuotaPolicy.objects.get(organization__slug="first")
    assert (policy.event, policy.minutes, policy.model_count) == (None, 300, 10)
