"""Sponsoring accounts of both kinds, multi-user mode, and the accounts of an event."""

from typing import Any

import pytest
from django.test import Client

from events.domain.connections import open_racing
from events.models import EventAccount, SponsoringAccount
from paddock.audit.models import AuditEntry
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.mode.settling import settle_mode
from participants.domain.usage.syncing import sync_account
from participants.models import Step
from participants.tasks import settle_due_modes
from tests.admin.forms import read_form
from tests.admin.stage import ADMIN_PASSWORD, Tenant, page, sign_in
from tests.support.factories import OrganizationFactory, SponsoringAccountFactory
from tests.support.racing import advance, build_racing_account, join, look, train
from tests.support.sandbox import Sandbox
from tests.support.world import account_of

ADD = "/admin/events/sponsoringaccount/add/"
ACTIVATE = "/admin/events/sponsoringaccount/bulk/activate_mode/"
DEACTIVATE = "/admin/events/sponsoringaccount/bulk/deactivate_mode/"
MULTI_USER = {"name": "League", "kind": "multi_user", "account_id": "111122223333", "region": "us-east-1"}
ON_AWS = MULTI_USER | {"kind": "deepracer_on_aws", "site_url": "https://racing.example.com"}


def reload(account: SponsoringAccount) -> SponsoringAccount:
    with organization_scope(account.organization_id):
        return SponsoringAccount.objects.get(pk=account.pk)


# The form.


@pytest.mark.parametrize(
    ("fields", "jobs"),
    [
        (MULTI_USER, 100),
        (ON_AWS, 8),
        (ON_AWS | {"max_training_jobs": "40"}, 40),
        (MULTI_USER | {"max_training_jobs": "0"}, 0),
    ],
)
def test_an_account_begins_with_the_limits_of_its_kind(fields: dict[str, str], jobs: int, contoso: Tenant) -> None:
    owner = sign_in("owner", contoso.organization)
    answer = owner.post(ADD, read_form(owner, ADD) | fields | {"contacts": "a@example.com\nb@example.com"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    with organization_scope(contoso.organization.pk):
        account = SponsoringAccount.objects.get(account_id="111122223333")
    assert account.max_training_jobs == jobs
    assert account.contacts == ["a@example.com", "b@example.com"]


def test_what_is_wrong_is_said_at_its_field(contoso: Tenant) -> None:
    owner = sign_in("owner", contoso.organization)
    wrong = ON_AWS | {"site_url": "", "account_id": "123", "contacts": "nobody"}
    errors = owner.post(ADD, read_form(owner, ADD) | wrong).context["adminform"].form.errors
    assert errors.keys() == {"site_url", "account_id", "contacts"}


@pytest.mark.parametrize(
    ("change", "is_taken"),
    [
        ({"admin_email": "other@example.com"}, True),
        ({"site_url": "https://elsewhere.example.com"}, False),
        ({"site_url": "https://elsewhere.example.com", "admin_password": "typed-just-now"}, True),
    ],
)
def test_a_stored_password_is_not_sent_to_another_site(change: dict[str, str], is_taken: bool, contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        account = SponsoringAccountFactory(
            kind="deepracer_on_aws", site_url="https://racing.example.com", admin_password=ADMIN_PASSWORD
        )
    owner = sign_in("owner", contoso.organization)
    answer = owner.post(page(account), read_form(owner, page(account)) | change)
    assert (answer.status_code == 302) is is_taken
    expected = change.get("admin_password", ADMIN_PASSWORD) if is_taken else ADMIN_PASSWORD
    assert reload(account).admin_password == expected
    if not is_taken:
        errors = answer.context["adminform"].form.errors
        assert errors["admin_password"] == ["Enter the password again for the new site."]


@pytest.mark.parametrize("role", ["viewer", "organizer"])
def test_others_do_not_see_that_there_is_a_password(role: str, contoso: Tenant) -> None:
    content = sign_in(role, contoso.organization).get(page(account_of(contoso.event))).content.decode()
    assert "administrator&#x27;s password" not in content.lower()
    assert "Paddock can" in content


@pytest.mark.parametrize(
    "change", [{"kind": "deepracer_on_aws", "site_url": "https://x.example"}, {"account_id": "9" * 12}]
)
def test_an_account_with_racers_stays_what_it_is(change: dict[str, str], contoso: Tenant) -> None:
    account, owner = account_of(contoso.event), sign_in("owner", contoso.organization)
    answer = owner.post(page(account), read_form(owner, page(account)) | change)
    assert "Racers are known in this account already." in answer.content.decode()


ABILITIES: list[tuple[dict[str, str], list[str], list[str]]] = [
    ({}, ["Pause and resume racers.", "End running jobs."], ["Make racers&#x27; profiles: they make their own"]),
    (
        {"kind": "deepracer_on_aws", "site_url": "https://x.example", "admin_password": ""},
        [],
        ["End running jobs: they go on", "Read usage or set quotas, until", "a quota of 0 minutes stands in"],
    ),
    (
        {"kind": "deepracer_on_aws", "site_url": "https://x.example", "admin_email": "a@x.example"},
        ["Make, edit and close races.", "The service itself sets everybody"],
        ["Give out invitation links: everybody"],
    ),
]


@pytest.mark.parametrize(("fields", "can", "cannot"), ABILITIES)
def test_what_paddock_can_do_is_said(
    fields: dict[str, str], can: list[str], cannot: list[str], contoso: Tenant
) -> None:
    with organization_scope(contoso.organization.pk):
        account = SponsoringAccountFactory(**{"admin_password": ADMIN_PASSWORD} | fields)
    content = sign_in("viewer", contoso.organization).get(page(account)).content.decode()
    for sentence in (*can, *cannot):
        assert sentence in content


# Multi-user mode.


def begin(client: Client, address: str, account: SponsoringAccount) -> str:
    return str(client.get(f"{address}?id={account.pk}").context["token"])


def preview(client: Client, address: str, account: SponsoringAccount, reason: str = "The season ends") -> Any:
    token = begin(client, address, account)
    return client.post(address, {"token": token, "stage": "preview", "reason": reason})


def confirm(client: Client, address: str, shown: Any, **answers: str) -> Any:
    return client.post(address, {"token": shown.context["token"], "stage": "confirm"} | answers)


@pytest.fixture
def league(transactional_db: None) -> Organization:
    return OrganizationFactory(slug="league")


@pytest.fixture
def account(sandbox: Sandbox, league: Organization) -> SponsoringAccount:
    """With two racers, one of whom has trained a model."""
    account = build_racing_account(sandbox, league)
    ids = join(sandbox, account, "ann", "ben")
    train(sandbox, account, ids["ann"], minutes=60)
    advance(sandbox, 120)
    with organization_scope(account.organization_id):
        assert sync_account(account_id=account.pk)
    return account


def switch_off_by_hand(account: SponsoringAccount) -> None:
    """As somebody does in AWS's own console."""
    open_racing(account).set_active(False)


def test_deactivating_asks_for_the_racers_and_names_what_goes_on_costing(
    account: SponsoringAccount, league: Organization, sandbox: Sandbox
) -> None:
    owner = sign_in("owner", league)
    shown = preview(owner, DEACTIVATE, account)
    content = shown.content.decode()
    assert "of 2 racers remain" in content
    assert "Storing them goes on costing $" in content
    assert "Nobody can train in the account from then on." in content
    assert "Type 2 to confirm" in confirm(owner, DEACTIVATE, shown, typed="1").content.decode()
    assert reload(account).wants_mode is None

    assert confirm(owner, DEACTIVATE, shown, typed="2").status_code == 302
    assert reload(account).wants_mode is False
    assert "Being switched off" in owner.get(page(account)).content.decode()
    with organization_scope(account.organization_id):
        entry = AuditEntry.objects.get(action="deactivated multi-user mode")
        assert (entry.reason, entry.changes) == ("The season ends", {"multi-user mode": ["on", "off"]})
        assert settle_mode(account_id=account.pk)
    assert look(sandbox, account)["active"] is False
    after = reload(account)
    assert (after.wants_mode, after.mode_is_on) == (None, False)
    content = owner.get(page(account)).content.decode()
    assert "Off: nobody can train" in content
    assert "Activate multi-user mode…" in content
    assert "Deactivate multi-user mode…" not in content


def test_activating_is_tried_until_it_is_read_back(
    account: SponsoringAccount, league: Organization, sandbox: Sandbox
) -> None:
    switch_off_by_hand(account)
    with organization_scope(account.organization_id):
        SponsoringAccount.objects.filter(pk=account.pk).update(mode_is_on=False)
    owner = sign_in("owner", league)
    assert confirm(owner, ACTIVATE, preview(owner, ACTIVATE, account)).status_code == 302
    sandbox.knobs(racing_ignores_changes=True)
    with organization_scope(account.organization_id):
        assert not settle_mode(account_id=account.pk)
    assert "does not show it yet" in reload(account).sync_error
    sandbox.knobs(racing_ignores_changes=False, failure_rate=1)
    with organization_scope(account.organization_id):
        assert not settle_mode(account_id=account.pk)
    assert "could not be switched" in reload(account).sync_error
    sandbox.knobs(failure_rate=0)
    with organization_scope(account.organization_id):
        assert settle_mode(account_id=account.pk)
    after = reload(account)
    assert (after.wants_mode, after.mode_is_on, after.sync_error) == (None, True, "")
    settle_due_modes()  # nothing is left to do, and nothing is undone


def test_what_others_switch_is_observed_and_left_alone(account: SponsoringAccount, sandbox: Sandbox) -> None:
    switch_off_by_hand(account)
    with organization_scope(account.organization_id):
        assert sync_account(account_id=account.pk)
        assert reload(account).mode_is_on is False
        assert settle_mode(account_id=account.pk)
    assert look(sandbox, account)["active"] is False


@pytest.mark.parametrize("role", ["viewer", "organizer"])
@pytest.mark.parametrize("address", [ACTIVATE, DEACTIVATE])
def test_owners_alone_switch_the_mode(role: str, address: str, contoso: Tenant) -> None:
    account, client = account_of(contoso.event), sign_in(role, contoso.organization)
    assert client.get(f"{address}?id={account.pk}").status_code == 403
    assert "multi-user mode…" not in client.get(page(account)).content.decode()


def test_outsiders_find_no_account(contoso: Tenant, fabrikam: Tenant) -> None:
    account, outsider = account_of(contoso.event), sign_in("owner", fabrikam.organization)
    assert outsider.get(f"{DEACTIVATE}?id={account.pk}").status_code == 404
    assert outsider.get(f"/admin/events/sponsoringaccount/{account.pk}/activate_mode/").status_code in (302, 404)
    with organization_scope(contoso.organization.pk):
        assert SponsoringAccount.objects.get(pk=account.pk).wants_mode is None


def test_running_events_are_named_before_their_account_is_switched_off(contoso: Tenant) -> None:
    account, owner = account_of(contoso.event), sign_in("owner", contoso.organization)
    assert "“Contoso Cup” has not ended yet" in preview(owner, DEACTIVATE, account).content.decode()


def test_deepracer_on_aws_has_no_mode_to_switch(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        account = SponsoringAccountFactory(kind="deepracer_on_aws", site_url="https://x.example")
    owner = sign_in("owner", contoso.organization)
    assert "multi-user mode…" not in owner.get(page(account)).content.decode()
    assert "has no mode that could be switched" in preview(owner, ACTIVATE, account).content.decode()


# The accounts of an event.


def test_an_account_with_people_stays_with_its_event(contoso: Tenant) -> None:
    owner, address = sign_in("organizer", contoso.organization), page(contoso.event)
    with organization_scope(contoso.organization.pk):
        other = SponsoringAccountFactory(name="Other")
        EventAccount.objects.create(event=contoso.event, sponsoring_account=SponsoringAccountFactory(name="Empty"))
    form = read_form(owner, address)
    answer = owner.post(address, form | {"accounts-0-DELETE": "on"})
    assert "cannot be removed from the event: 1 registration is on it" in answer.content.decode()
    with organization_scope(contoso.organization.pk):
        answer = owner.post(address, form | {"accounts-0-sponsoring_account": str(other.pk)})
        assert "1 registration is on this account" in answer.content.decode()
        assert not EventAccount.objects.filter(sponsoring_account=other).exists()
    assert owner.post(address, form | {"accounts-1-DELETE": "on"}).status_code == 302
    with organization_scope(contoso.organization.pk):
        assert EventAccount.objects.count() == 1


def test_a_new_account_is_set_up_at_once(contoso: Tenant) -> None:
    owner, address = sign_in("organizer", contoso.organization), page(contoso.event)
    with organization_scope(contoso.organization.pk):
        other = SponsoringAccountFactory(name="Other")
        Step.objects.filter(event=contoso.event, registration=None).update(state="done")
    form = read_form(owner, address)
    added = {
        "accounts-TOTAL_FORMS": "2",
        "accounts-1-id": "",
        "accounts-1-event": str(contoso.event.pk),
        "accounts-1-sponsoring_account": str(other.pk),
        "accounts-1-share": "3",
    }
    answer = owner.post(address, form | added)
    assert answer.status_code == 302, answer.context["errors"]
    with organization_scope(contoso.organization.pk):
        states = dict(Step.objects.filter(event=contoso.event, registration=None).values_list("kind", "state"))
    assert {kind: states[kind] for kind in ("group", "assignment")} == {"group": "ready", "assignment": "blocked"}
    content = owner.get(address).content.decode()
    assert "Other" in content


def test_people_are_counted_by_account(contoso: Tenant) -> None:
    answer = sign_in("viewer", contoso.organization).get(page(contoso.event))
    formsets = [each.formset for each in answer.context["inline_admin_formsets"]]
    (accounts,) = (formset for formset in formsets if formset.model is EventAccount)
    assert [row.present for row in accounts.get_queryset()] == [1]
