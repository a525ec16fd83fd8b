"""Inviting people: each address once, in the words that were shown, and the dashboard counts them."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from events.models import Event, MailConnection
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.convergence.holding import holding
from participants.domain.dashboard.funnel import see_funnel
from participants.domain.event_invitations.planning import Plan, plan
from participants.domain.event_invitations.sending import invite
from participants.domain.operations import see_progress
from participants.domain.steps import retry_now
from participants.models import Announcement, EventInvitation, Operation, Step
from tests.support.convergence import run_due_work, settle
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, domain_of, sign_up

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {"subject": "Come to {{event}}", "body": "Hello, [register]({{portal_url}}) for **{{event}}**."}


def look(event: Event, lines: str, *, reminds: bool = False) -> Plan:
    with organization_scope(event.organization_id):
        return plan(event=event, lines=lines, reminds=reminds)


def ask(event: Event, lines: str, *, reminds: bool = False, **words: Any) -> Operation:
    with organization_scope(event.organization_id), transaction.atomic():
        recipients = plan(event=event, lines=lines, reminds=reminds).recipients
        return invite(event=event, recipients=recipients, actor=None, reason="Because", **{**WORDS, **words})


def read(event: Event) -> dict[str, tuple[str, str]]:
    with organization_scope(event.organization_id):
        return {each.email: (each.state, each.error) for each in EventInvitation.objects.filter(event=event)}


@pytest.mark.parametrize("mail", ["pinpoint", "ses", "smtp"])
def test_everybody_gets_it_once_and_the_funnel_counts_them(sandbox: Sandbox, mail: str) -> None:
    event = build_event(build_organization(sandbox, mail=mail), title="Summer Cup")
    outsider = build_event(build_organization(sandbox))
    operation = ask(event, "Ann Lee <ann@a.example>, bob@b.example\n\n cem@c.example;")
    settle()
    ask(event, "ann@a.example\ndee@d.example")
    settle()
    received = sandbox.mailbox()
    assert Counter(each["to"] for each in received) == Counter(
        ["ann@a.example", "bob@b.example", "cem@c.example", "dee@d.example"]
    )
    portal = f"/e/{event.organization.slug}/{event.slug}/"
    assert {each["subject"] for each in received} == {"Come to Summer Cup"}
    assert all(portal in each["text"] and portal in each["html"] and "{{" not in each["html"] for each in received)
    sign_up(event, "ann", email="ANN@a.example")
    with organization_scope(event.organization_id):
        funnel = see_funnel(event=event)
        assert (funnel.invited, funnel.registered) == (4, 1)
        assert see_progress(operations=[operation])[operation.pk].is_over
        entries = AuditEntry.objects.filter(action="invited people").order_by("id")
        assert [(each.reason, each.changes["invitations"]) for each in entries] == [
            ("Because", [0, 3]),
            ("Because", [0, 1]),
        ]
    with organization_scope(outsider.organization_id):
        assert see_funnel(event=outsider).invited == 0


def test_who_is_left_out_and_why(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox), allowed_email_domains=["a.example"])
    sign_up(event, "ann", email="ann@a.example")
    ask(event, "old@a.example")
    lines = "ann@A.example\nold@a.example\nnew@a.example\nNEW@a.example\nnonsense\neve@elsewhere.example"
    found = look(event, lines)
    assert [each.email for each in found.recipients] == ["new@a.example"]
    assert dict(found.left_out) == {
        "Line 1: ann@A.example": "Has registered already.",
        "Line 2: old@a.example": "Was invited before.",
        "Line 4: NEW@a.example": "Stands here twice.",
        "Line 5: nonsense": "Is no e-mail address.",
        "Line 6: eve@elsewhere.example": "The event takes addresses at a.example alone.",
    }
    assert [(each.email, each.again) for each in look(event, lines, reminds=True).recipients] == [
        ("old@a.example", True),
        ("new@a.example", False),
    ]


def test_planning_takes_three_queries(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    for size in (1, 3, 300):
        lines = "\n".join(f"person{number}@a.example" for number in range(size))
        with organization_scope(event.organization_id), CaptureQueriesContext(connection) as queries:
            plan(event=event, lines=lines, reminds=False)
        assert len(queries) == 3


def test_reminder_reaches_those_who_have_not_come(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    ann = f"ann@{domain_of(event.organization)}"
    ask(event, f"{ann}\nbob@a.example")
    settle()
    sign_up(event, "ann")
    assert dict(look(event, "bob@a.example", reminds=True).left_out) == {
        "Line 1: bob@a.example": "Was written to less than a day ago."
    }
    with organization_scope(event.organization_id):
        EventInvitation.objects.update(sent_at=F("sent_at") - timedelta(days=1))
    ask(event, f"{ann}\nbob@a.example", reminds=True, subject="Still time")
    settle()
    assert [mail["to"] for mail in sandbox.mailbox() if mail["subject"] == "Still time"] == ["bob@a.example"]
    assert len(read(event)) == 2


def test_an_organization_invites_so_many_a_day(sandbox: Sandbox, settings: LazySettings) -> None:
    settings.EVENT_INVITATIONS_PER_DAY = 3
    organization, outsider = build_organization(sandbox), build_event(build_organization(sandbox))
    event, second = build_event(organization), build_event(organization)
    ask(event, "ann@a.example\nbob@a.example")
    found = look(second, "ann@a.example\ncem@a.example")
    assert [each.email for each in found.recipients] == ["ann@a.example"]
    assert dict(found.left_out) == {"Line 2: cem@a.example": "Your organization invites 3 people a day."}
    assert len(look(outsider, "a@a.example\nb@a.example\nc@a.example").recipients) == 3
    with organization_scope(organization.pk):
        Announcement.objects.update(created_at=F("created_at") - timedelta(days=1))
    assert len(look(second, "ann@a.example\ncem@a.example").recipients) == 2


def test_address_that_is_refused_is_told_and_keeps_nobody_else(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    sandbox.seed(suppressed=["gone@a.example"])
    ask(event, "gone@a.example\nbob@a.example")
    settle()
    states = read(event)
    assert states["bob@a.example"] == ("sent", "")
    assert states["gone@a.example"][0] == "failed"
    assert states["gone@a.example"][1]
    with organization_scope(event.organization_id):
        step = Step.objects.get(event=event, kind="invitations")
        assert (step.state, step.detail) == ("done", "1 sent, 1 refused: the list of invitations says why.")


def test_a_sender_that_nobody_is_served_by_loses_no_invitation(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox, mail="ses")
    event = build_event(organization)
    with organization_scope(organization.pk):
        MailConnection.objects.update(sender="Nobody <nobody@unverified.example>")
    ask(event, "ann@a.example\nbob@a.example")
    settle()
    with organization_scope(organization.pk):
        step = Step.objects.get(event=event, kind="invitations")
        assert step.state == Step.State.FAILED
        assert {state for state, _ in read(event).values()} == {"owed"}
        domain = event.directory.identity_center.portal_url.rpartition("/")[2]
        MailConnection.objects.update(sender=f"Racing <racing@{domain}.example>")
        assert retry_now(steps=Step.objects.filter(pk=step.pk)) == 1
    settle()
    assert {state for state, _ in read(event).values()} == {"sent"}


def test_provider_that_fails_now_and_then_ends_with_one_mail_each(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    addresses = [f"person{number}@a.example" for number in range(250)]
    sandbox.knobs(failure_rate=0.3)
    ask(event, "\n".join(addresses))
    settle()
    sandbox.knobs(failure_rate=0)
    received = Counter(mail["to"] for mail in sandbox.mailbox() if not mail.get("answer_lost"))
    assert set(received) == set(addresses)
    assert max(received.values()) == 1


def test_second_worker_stays_away_while_the_first_is_at_it(sandbox: Sandbox) -> None:
    """Inviting more people takes the step from a worker that still works."""
    event = build_event(build_organization(sandbox))
    ask(event, "ann@a.example")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [f"invitations:{event.pk}"])
        run_due_work()
        assert sandbox.mailbox() == []
    finally:
        other.close()
    settle()
    assert [mail["to"] for mail in sandbox.mailbox()] == ["ann@a.example"]
    with organization_scope(event.organization_id), holding("invitations", event_id=event.pk) as is_alone:
        assert is_alone


@given(lines=st.text(max_size=200).filter(lambda text: "\0" not in text))  # which no form lets through
def test_whatever_is_pasted_is_taken_or_told(lines: str) -> None:
    found = plan(event=Event(pk=0, allowed_email_domains=[]), lines=lines, reminds=False)
    assert all("@" in each.email for each in found.recipients)
    assert all(why for _, why in found.left_out)
