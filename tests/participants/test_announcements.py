"""Mail from the organizers: to whom it was said to go, once each, as it was shown."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event, ParticipantGroup, Race
from integrations.errors import IntegrationError
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.convergence.engine import claim_steps
from participants.convergence.kinds import get_kind
from participants.domain.announcements.planning import Audience, load_people, plan
from participants.domain.announcements.sending import send, send_to_oneself
from participants.domain.operations import see_progress
from participants.domain.races.addresses import find_url
from participants.domain.steps import retry_now
from participants.models import Announcement, Message, Operation, Registration, Step
from tests.participants.test_races import ON_AWS, build, read, want_race
from tests.support.convergence import converge_until, settle
from tests.support.factories import MailTemplateFactory
from tests.support.racing import build_racing_account
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.workers import crew
from tests.support.world import build_event, build_organization, sign_up

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {"subject": "News for {{given_name}}", "body": "Hello **{{given_name}}**, [look]({{status_url}}) at {{event}}."}
EVERYBODY = Audience()


def announce(event: Event, *, race: Race | None = None, **words: Any) -> Operation:
    with organization_scope(event.organization_id), transaction.atomic():
        people = load_people(Registration.objects.filter(event=event))
        recipients = plan(people=people, audience=EVERYBODY, race=race).recipients
        (operation,) = send(recipients=recipients, race=race, actor=None, reason="Because", **{**WORDS, **words})
        return operation


def mails_about(sandbox: Sandbox, subject: str) -> list[dict[str, Any]]:
    return [mail for mail in sandbox.mailbox() if subject in mail["subject"]]


def count_received(sandbox: Sandbox, subject: str) -> Counter[str]:
    return Counter(mail["to"] for mail in mails_about(sandbox, subject))


@pytest.mark.parametrize("mail", ["pinpoint", "ses", "smtp"])
def test_everybody_gets_it_once_in_their_own_words(sandbox: Sandbox, mail: str) -> None:
    event = build_event(build_organization(sandbox, mail=mail), title="Summer Cup")
    people = [sign_up(event, name) for name in ("ann", "bob")]
    operation = announce(event)
    settle()
    received = mails_about(sandbox, "News for")
    assert Counter(each["to"] for each in received) == Counter(each.participant.email for each in people)
    (anns,) = [each for each in received if each["subject"] == "News for Ann"]
    assert "Hello Ann, look: http" in anns["text"]
    assert "at Summer Cup." in anns["text"]
    assert "<strong>Ann</strong>" in anns["html"]
    with organization_scope(event.organization_id):
        assert see_progress(operations=[operation])[operation.pk].done == 2
        message = Message.objects.get(kind=Message.Kind.ANNOUNCEMENT, registration=people[0])
        assert (message.state, message.subject) == (Message.State.SENT, "News for Ann")
        entry = AuditEntry.objects.get(action="mailed participants")
        assert (entry.reason, entry.changes) == ("Because", {"recipients": [0, 2]})


def test_two_announcements_and_the_access_mail_are_three_mails(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    ann = sign_up(event, "ann")
    announce(event, subject="First")
    announce(event, subject="Second")
    settle()
    assert sorted(mail["subject"] for mail in sandbox.mailbox()) == ["First", "Second", f"You're in: {event.title}"]
    with organization_scope(event.organization_id):
        assert Registration.objects.with_status().get(pk=ann.pk).status == Registration.Status.READY


def test_race_is_mailed_with_its_invitation(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    sign_up(event, "ann")
    race = want_race(event, account)
    settle()
    announce(event, race=race, subject="Starting grid", body="[Go]({{race_url}})")
    settle()
    (mail,) = mails_about(sandbox, "Starting grid")
    assert f"Go: {find_url(read(race))}" in mail["text"]
    assert "{{" not in mail["text"] + mail["html"]


def test_mail_about_a_race_that_is_gone_does_not_go_out(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    sign_up(event, "ann")
    race = want_race(event, None, name="Elsewhere", url="https://example.com/race")
    operation = announce(event, race=race, body="[Go]({{race_url}})")
    with organization_scope(event.organization_id):
        Race.objects.all().delete()
    settle()
    with organization_scope(event.organization_id):
        step = Step.objects.get(operation=operation)
    assert (step.state, "cannot be reached any more" in step.detail) == (Step.State.FAILED, True)
    assert not mails_about(sandbox, "News for")


def test_who_is_left_out_and_why(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization)
    other = build_racing_account(sandbox, organization, kind=ON_AWS)
    event = build_event(organization, sponsoring_account=account)
    stranger = sign_up(build_event(organization, sponsoring_account=account), "eve")
    ann, bob, cleo = (sign_up(event, name) for name in ("ann", "bob", "cleo"))
    with organization_scope(organization.pk):
        group = ParticipantGroup.objects.create(event=event, name="Juniors")
        Registration.objects.filter(pk=ann.pk).update(group=group)
        Registration.objects.filter(pk=cleo.pk).update(removed_at=timezone.now())
        theirs = Race(organization=organization, event=event, name="Theirs", sponsoring_account=other)
        ours = Race(organization=organization, event=event, name="Ours", url="https://example.com")
        people = load_people(Registration.objects.all())
        cases: list[tuple[Audience, Race | None, list[Registration]]] = [
            (EVERYBODY, None, [stranger, ann, bob]),
            (EVERYBODY, ours, [ann, bob]),
            (EVERYBODY, theirs, []),
            (Audience(group=group), None, [ann]),
            (Audience(status="ready"), None, []),
            (Audience(status="registered"), ours, [ann, bob]),
        ]
        for audience, race, wanted in cases:
            found = plan(people=people, audience=audience, race=race)
            assert {each.pk for each in found.recipients} == {each.pk for each in wanted}
            assert found.count + len(found.left_out) == 4
            assert all(why for _, why in found.left_out)


def test_planning_takes_one_query(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    for size in (1, 3, 9):
        sign_up(event, f"racer{size}")
        with organization_scope(event.organization_id), CaptureQueriesContext(connection) as queries:
            plan(people=load_people(Registration.objects.filter(event=event)), audience=EVERYBODY)
        assert len(queries) == 1


def test_whoever_is_removed_meanwhile_gets_none(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    ann, bob = sign_up(event, "ann"), sign_up(event, "bob")
    announce(event)
    with organization_scope(event.organization_id):
        Registration.objects.filter(pk=ann.pk).update(removed_at=timezone.now())
    settle()
    assert set(count_received(sandbox, "News for")) == {bob.participant.email}


def test_address_that_bounces_is_told_and_keeps_nobody_from_racing(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    ann, bob = sign_up(event, "ann"), sign_up(event, "bob")
    settle()
    sandbox.seed(suppressed=[ann.participant.email])
    operation = announce(event)
    settle()
    with organization_scope(event.organization_id):
        progress = see_progress(operations=[operation])[operation.pk]
        assert (progress.done, progress.failed) == (1, 1)
        assert Registration.objects.with_status().get(pk=ann.pk).status == Registration.Status.READY
        assert retry_now(steps=Step.objects.filter(operation=operation, state=Step.State.FAILED)) == 1
    settle()
    assert count_received(sandbox, "News for") == {bob.participant.email: 1}


def test_dead_worker_between_mail_and_record_mails_nobody_else_twice(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox, mail="smtp"))
    people = {sign_up(event, f"racer{number}").participant.email for number in range(20)}
    settle()
    announce(event)
    sandbox.knobs(smtp_latency_ms=200)
    with crew(sandbox) as workers:
        workers.start_beat()
        worker = workers.start_worker()
        wait_until(lambda: len(mails_about(sandbox, "News for")) >= 3, pause=0.01)
        worker.kill()
        with organization_scope(event.organization_id):
            sending = Message.objects.filter(kind=Message.Kind.ANNOUNCEMENT, state=Message.State.SENDING)
            in_flight = set(sending.values_list("recipient", flat=True))
        sandbox.knobs(smtp_latency_ms=0)
        workers.start_worker()
        wait_until(lambda: set(count_received(sandbox, "News for")) == people)
        wait_until(lambda: not has_open_steps(event))
    received = count_received(sandbox, "News for")
    assert {address for address, count in received.items() if count > 1} <= in_flight
    assert max(received.values()) <= 2


def has_open_steps(event: Event) -> bool:
    with organization_scope(event.organization_id):
        return Step.objects.filter(event=event, kind="announcement").exclude(state=Step.State.DONE).exists()


def test_step_that_runs_again_after_its_mail_was_recorded_sends_none(sandbox: Sandbox) -> None:
    """A worker died after it had written down the mail, and before it could write down the step."""
    event = build_event(build_organization(sandbox))
    sign_up(event, "ann")
    announce(event)
    with organization_scope(event.organization_id):
        kind = get_kind("announcement")
        kind.handler(claim_steps(event_id=event.pk, kind=kind))
        Step.objects.filter(kind="announcement").update(state=Step.State.READY, claim=None)
    settle()
    assert sum(count_received(sandbox, "News for").values()) == 1


def test_test_mail_goes_to_oneself_alone_and_leaves_nothing(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    sign_up(event, "ann")
    with organization_scope(event.organization_id):
        (recipient,) = load_people(Registration.objects.filter(event=event))
        send_to_oneself(recipient=recipient, race=None, address="organizer@example.com", **WORDS)
        assert not Message.objects.exists()
        assert not Announcement.objects.exists()
        sandbox.seed(suppressed=["gone@example.com"])
        with pytest.raises(IntegrationError):
            send_to_oneself(recipient=recipient, race=None, address="gone@example.com", **WORDS)
    assert [(mail["to"], mail["subject"]) for mail in sandbox.mailbox()] == [("organizer@example.com", "News for Ann")]


@pytest.mark.parametrize(
    "body",
    ["", "Come in: {{access_url}}", "{{access_url}} then {{ races }} and off you go"],
    ids=["ours", "own", "mark"],
)
def test_access_mail_names_the_races_that_are_to_be_named(sandbox: Sandbox, body: str) -> None:
    event, account = build(sandbox)
    if body:
        with organization_scope(event.organization_id):
            MailTemplateFactory(event=event, body=body)
    race = want_race(event, account, name="Spring [race] *1*", in_welcome_mail=True)
    want_race(event, account, name="Unnamed")
    want_race(event, None, name="Elsewhere", url="https://example.com/a_b_(c)", in_welcome_mail=True)
    converge_until(lambda: read(race).state == Race.State.READY)
    ann = sign_up(event, "ann")
    settle()
    (mail,) = [each for each in sandbox.mailbox() if each["to"] == ann.participant.email]
    assert f"Spring [race] *1*: {find_url(read(race))} (" in mail["text"]
    assert "Elsewhere: https://example.com/a_b_(c)" in mail["text"]
    assert 'href="https://example.com/a_b_(c)"' in mail["html"]
    assert "Unnamed" not in mail["text"]
    assert "{{" not in mail["text"] + mail["html"]


def test_access_mail_of_an_event_without_races_says_nothing_of_them(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    sign_up(event, "ann")
    settle()
    texts: Sequence[str] = [mail["text"] for mail in sandbox.mailbox()]
    assert "races" not in texts[0]
    assert "\n\n\n" not in texts[0]
