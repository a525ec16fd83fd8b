"""Who hears of what fired, in which words, and once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Event, Firing, MailConnection, SponsoringAccount
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.domain.guard import mailing
from participants.domain.guard.contacts import find_contacts
from participants.tasks import mail_due_firings, mail_firing
from tests.admin.stage import enter
from tests.support.budgets import look, set_budget, spend
from tests.support.factories import MembershipFactory
from tests.support.sandbox import Sandbox
from tests.support.world import account_of, build_event, build_organization

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organization(sandbox: Sandbox) -> Organization:
    organization = build_organization(sandbox)
    with organization_scope(organization.pk):
        MembershipFactory(user__email="owner@contoso.example", role=Membership.Role.OWNER)
        MembershipFactory(user__email="organizer@contoso.example", role=Membership.Role.ORGANIZER)
    return organization


def build_frozen(organization: Organization, *, action: str = "freeze", **fields: object) -> Event:
    """An event whose budget of 100 dollars has just fired."""
    event = build_event(organization, **fields)
    spend(enter(event, "ann@contoso.example"), 104.2, exposed=7)
    set_budget(event, 100, (100, action))
    look(account_of(event))
    return event


def deliver(event: Event) -> Firing:
    """What the sweep and its workers do, in this process."""
    with across_tenants("a test plays the sweep"):
        due = mailing.find_due_firings()
    for each in due:
        mail_firing(organization_id=each.organization_id, firing_id=each.firing_id)
    return firing_of(event)


def firing_of(event: Event) -> Firing:
    with organization_scope(event.organization_id):
        return Firing.objects.get(threshold__budget__event=event)


def hurry(event: Event, **fields: object) -> None:
    with organization_scope(event.organization_id):
        Firing.objects.update(**{"mail_due_at": timezone.now(), **fields})


@pytest.mark.parametrize(
    ("action", "subject", "said"),
    [
        ("alert", "100 % of the budget of Spring Cup is reached", ["racing goes on", "Change the amount…"]),
        (
            "freeze",
            "Spring Cup is frozen: 100 % of its budget is reached",
            ["pausing everybody", "Raise and unfreeze…"],
        ),
        ("stop", "Spring Cup is stopped: 100 % of its budget is reached", ["ending the jobs", "Raise and unfreeze…"]),
    ],
)
def test_the_mail_says_it_all(
    sandbox: Sandbox, organization: Organization, action: str, subject: str, said: list[str]
) -> None:
    event = build_frozen(organization, action=action, title="Spring Cup", contacts=["desk@contoso.example"])
    firing = deliver(event)
    assert (firing.mail_state, firing.mail_error, firing.mail_sent_to) == ("sent", "", ["desk@contoso.example"])
    (mail,) = sandbox.mailbox()
    assert mail["subject"] == subject
    figures = ["$104.20", "$7.00", "$100.00", f"/admin/events/event/{event.pk}/change/", firing.explanation]
    for words in [*said, *figures]:
        assert words in mail["text"], words
        assert words in mail["html"], words
    assert "{" not in mail["text"]


@pytest.mark.parametrize("title", ["Cup {{given_name}}", "<b>Cup</b> & Co"])
def test_a_title_is_nothing_but_a_title(sandbox: Sandbox, organization: Organization, title: str) -> None:
    deliver(build_frozen(organization, title=title))
    (mail,) = sandbox.mailbox()
    assert title.replace("{{", "{ {") in mail["subject"]
    assert "<b>Cup" not in mail["html"]


@pytest.mark.parametrize(
    ("named", "contacts"),
    [
        (["a@contoso.example", "A@contoso.example", "b@contoso.example"], ["A@contoso.example", "b@contoso.example"]),
        ([], ["owner@contoso.example"]),
    ],
)
@pytest.mark.parametrize("kind", ["event", "account"])
def test_contacts_and_else_the_owners(
    organization: Organization, kind: str, named: list[str], contacts: list[str]
) -> None:
    event = build_event(organization, contacts=named)
    account = account_of(event)
    with organization_scope(organization.pk):
        SponsoringAccount.objects.update(contacts=named)
        account.refresh_from_db()
    budget = set_budget(event if kind == "event" else account, 100)
    with organization_scope(organization.pk):
        assert find_contacts(budget=budget) == contacts


def test_an_organization_without_anybody_to_tell(organization: Organization) -> None:
    with organization_scope(organization.pk):
        Membership.objects.filter(role=Membership.Role.OWNER).delete()
    firing = deliver(build_frozen(organization))
    assert firing.mail_state == "failed"
    assert firing.mail_error.startswith("There is nobody to tell. Enter contacts at the event")


def test_what_went_wrong_is_seen_and_tried_again(sandbox: Sandbox, organization: Organization) -> None:
    with organization_scope(organization.pk):
        role_arn = MailConnection.objects.get().role_arn
        MailConnection.objects.update(role_arn="arn:aws:iam::111111111111:role/Nobody")
    event = build_frozen(organization)
    firing = deliver(event)
    assert firing.mail_state == "failed"
    assert firing.mail_error.startswith("owner@contoso.example: ")
    assert firing.mail_due_at > timezone.now()
    assert deliver(event).mail_attempts == 1  # not due
    with organization_scope(organization.pk):
        MailConnection.objects.update(role_arn=role_arn)
    hurry(event)
    firing = deliver(event)
    assert (firing.mail_state, firing.mail_error, firing.mail_attempts) == ("sent", "", 2)
    assert len(sandbox.mailbox()) == 1
    hurry(event)
    assert deliver(event).mail_attempts == 2  # what was sent is never sent again


def test_nobody_hears_of_it_twice_because_another_did_not(sandbox: Sandbox, organization: Organization) -> None:
    sandbox.seed(suppressed=["gone@contoso.example"])
    event = build_frozen(organization, contacts=["gone@contoso.example", "desk@contoso.example"])
    firing = deliver(event)
    assert (firing.mail_state, firing.mail_sent_to) == ("sent", ["desk@contoso.example"])
    assert firing.mail_error.startswith("gone@contoso.example: ")
    hurry(event, mail_state="queued")
    deliver(event)
    assert len(sandbox.mailbox(to="desk@contoso.example")) == 1


def test_failed_mails_are_given_up_in_the_end(organization: Organization) -> None:
    event = build_frozen(organization)
    hurry(event, mail_state="failed", fired_at=timezone.now() - timedelta(days=3))
    assert deliver(event).mail_attempts == 0
    hurry(event, mail_state="queued")  # what passes by itself is tried for as long as it takes
    assert deliver(event).mail_attempts == 1


def test_the_mail_of_a_worker_who_died_is_sent_by_another(sandbox: Sandbox, organization: Organization) -> None:
    event = build_frozen(organization)
    with organization_scope(organization.pk):
        dead = mailing.claim_firing(firing_of(event).pk)
    assert dead
    assert deliver(event).mail_state == "sending"  # for as long as the claim lasts
    hurry(event)
    assert deliver(event).mail_state == "sent"
    with organization_scope(organization.pk):  # its late answer is void
        mailing._note_answers(dead, ["owner@contoso.example"], {})
    assert firing_of(event).mail_state == "sent"


def test_workers_who_come_at_once_send_one_mail(sandbox: Sandbox, organization: Organization) -> None:
    event = build_frozen(organization)
    pk, barrier = firing_of(event).pk, Barrier(4)

    def work(_: int) -> None:
        try:
            barrier.wait(timeout=30)
            mail_firing(organization_id=organization.pk, firing_id=pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(sandbox.mailbox()) == 1
    assert firing_of(event).mail_attempts == 1


def test_the_sweep_wakes_workers_for_every_organization(sandbox: Sandbox, organization: Organization) -> None:
    other = build_organization(sandbox)
    events = [build_frozen(each, contacts=["desk@contoso.example"]) for each in (organization, other)]
    with across_tenants("a test plays the sweep"):
        assert {due.organization_id for due in mailing.find_due_firings()} == {organization.pk, other.pk}
    mail_due_firings()  # the tasks lie in the broker's queue
    for event in events:
        assert deliver(event).mail_state == "sent"
