"""What is told: each type when its thing happens, in the shape that the catalogue promises."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from events.domain.lookup import load_event
from events.models import Event
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.domain.guard.raising import unfreeze
from participants.domain.offboarding.ending import remove_participants
from participants.domain.quotas.adjusting import KEEP, UNLIMIT, set_to
from participants.domain.quotas.changing import change_quota
from participants.domain.sponsorship.pausing import pause, resume, stop_training
from participants.domain.webhooks import notices
from participants.domain.webhooks.catalogue import CATALOGUE, TYPES
from participants.domain.webhooks.delivering import PAUSES
from participants.domain.webhooks.disabling import disable
from participants.models import Registration, WebhookEndpoint, WebhookMessage, WebhookNotice
from participants.tasks import mail_notice
from tests.admin.stage import enter
from tests.participants.offboarding import Stage
from tests.support.budgets import look, set_budget, spend
from tests.support.convergence import settle
from tests.support.factories import EventFactory, MembershipFactory, OrganizationFactory, UserFactory
from tests.support.sandbox import Sandbox
from tests.support.world import account_of, build_organization, sign_up

News = list[tuple[str, dict[str, Any]]]


def listen(organization: Organization) -> None:
    """Nothing is sent in these tests: what is owed is looked at."""
    with organization_scope(organization.pk):
        WebhookEndpoint.objects.create(url="https://example.com/", secret="whsec_c2VjcmV0")


def read_news(organization: Organization) -> News:
    """Types and what is told of them, each held against the catalogue, without the ids that all have."""
    with organization_scope(organization.pk):
        bodies = [json.loads(each.body) for each in WebhookMessage.objects.order_by("id")]
    for body in bodies:
        validate(body["data"], TYPES[body["type"]].schema)
        assert body["data"]["organization"] == organization.slug
        assert "@" not in json.dumps(body["data"])  # nothing about the person
    return [(body["type"], body["data"]) for body in bodies]


def leave_ids_out(news: News) -> News:
    ids = {"organization", "event", "registration"}
    return [(name, {key: value for key, value in data.items() if key not in ids}) for name, data in news]


@pytest.fixture
def event(db: None) -> Event:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        return load_event(EventFactory().pk)


Deed = Callable[[Event, Registration], object]


def change(minutes: Any, models: Any = KEEP) -> Deed:
    def do(event: Event, person: Registration) -> object:
        return change_quota(registrations=[person.pk], minutes=minutes, models=models, reason="", actor=None)

    return do


def call(function: Callable[..., object], **further: Any) -> Deed:
    def do(event: Event, person: Registration) -> object:
        return function(event=event, registrations=[person.pk], actor=None, reason="", **further)

    return do


def remove(event: Event, person: Registration) -> object:
    return remove_participants(registrations=[person], keeps_models=True, actor=None, reason="")


def register_again(event: Event, person: Registration) -> object:
    return enter(event, person.participant.email)


NO_LIMIT = {"minutes_before": None, "models_before": None, "models": None}
PAUSED, RESUMED = ("sponsorship.paused", {"by": "organizer"}), ("sponsorship.resumed", {"by": "organizer"})
REMOVED = ("registration.removed", {"keeps_models": True})


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        ([change(set_to(90))], [("quota.changed", NO_LIMIT | {"minutes": 90})]),
        ([change(UNLIMIT)], []),  # nothing was limited before
        ([call(pause)], [PAUSED]),
        ([call(pause), call(pause), call(resume), call(resume)], [PAUSED, RESUMED]),
        ([call(stop_training)], []),
        ([call(stop_training, and_pause=True)], [PAUSED]),
        ([remove], [REMOVED]),
        ([remove, remove], [REMOVED]),
        ([remove, register_again], [REMOVED, ("registration.created", {"is_return": True})]),
        ([register_again], []),
    ],
)
def test_what_organizers_do(event: Event, deeds: list[Deed], told: News) -> None:
    person = enter(event, "ann@contoso.example")
    listen(event.organization)
    for deed in deeds:
        with organization_scope(event.organization_id):
            deed(event, person)
    assert leave_ids_out(read_news(event.organization)) == told


def test_budgets_tell_of_the_threshold_and_of_everybody_whom_it_paused(event: Event) -> None:
    """Whoever was paused before is told of neither then nor when the budget is raised."""
    ann, bob = enter(event, "ann@contoso.example"), enter(event, "bob@contoso.example")
    with organization_scope(event.organization_id):
        pause(event=event, registrations=[bob.pk], actor=None, reason="")
    listen(event.organization)
    spend(ann, 104.2, exposed=7)
    budget = set_budget(event, 100, (50, "alert"), (100, "freeze"))
    look(account_of(event))
    look(account_of(event))
    with organization_scope(event.organization_id):
        unfreeze(budget=budget, new_amount=500_000_000, actor=UserFactory(), reason="Go on.")
    news = read_news(event.organization)
    assert [(name, data.get("percent"), data.get("action")) for name, data in news] == [
        ("budget.threshold", 50, "alert"),
        ("sponsorship.paused", None, None),
        ("budget.threshold", 100, "freeze"),
        ("sponsorship.resumed", None, None),
    ]
    assert {data["registration"] for _, data in news if "registration" in data} == {str(ann.reference)}
    assert {data["by"] for _, data in news if "by" in data} == {"budget"}
    figures = {"amount": 100_000_000, "spent": 104_200_000, "exposure": 7_000_000, "account": None}
    assert figures.items() <= news[0][1].items()
    assert news[0][1]["event"] == event.slug


def test_a_budget_of_an_account_names_the_account(event: Event) -> None:
    listen(event.organization)
    person = enter(event, "ann@contoso.example")
    spend(person, 60)
    set_budget(account_of(event), 100, (50, "alert"))
    look(account_of(event))
    (_, data) = read_news(event.organization)[-1]
    assert (data["event"], data["account"]) == (None, account_of(event).account_id)


@pytest.mark.django_db(transaction=True)
def test_the_way_in_and_out(sandbox: Sandbox) -> None:
    stage = Stage(sandbox)
    listen(stage.organization)
    ann, bob = stage.admit("ann", "bob")
    settle()
    stage.end()
    settle()
    told = read_news(stage.organization)
    of_ann = [name for name, data in told if data.get("registration") == str(ann.reference)]
    assert of_ann == ["registration.created", "access.verified", "registration.removed"]
    assert [name for name, data in told if data.get("registration") == str(bob.reference)] == of_ann
    assert [data for name, data in told if name == "offboarding.completed"] == [
        {"organization": stage.organization.slug, "event": stage.event.slug, "people": 2, "quarantined": 0}
    ]


@pytest.mark.django_db(transaction=True)
def test_whoever_cannot_get_in(sandbox: Sandbox) -> None:
    stage = Stage(sandbox, directory="entra")
    listen(stage.organization)
    stranger = sign_up(stage.event, "nobody", email="nobody@elsewhere.example")
    stage.settle_with_cycles()
    assert [name for name, _ in read_news(stage.organization)] == ["registration.created", "registration.failed"]
    (_, data) = read_news(stage.organization)[-1]
    assert (data["registration"], data["step"]) == (str(stranger.reference), "identity")


@pytest.mark.parametrize("each", CATALOGUE, ids=lambda each: each.name)
def test_examples_are_what_the_schema_says(each: Any) -> None:
    validate(each.example["data"], each.schema)


def test_the_documentation_names_every_type_and_every_field() -> None:
    written = Path("docs/webhooks.md").read_text()
    names = {*TYPES, *(name for each in TYPES.values() for name in each.fields)}
    assert {name for name in names if f"`{name}`" not in written} == set()
    assert all(f"{seconds / 3600:.0f}" in written for seconds in PAUSES if seconds >= 3600)


@pytest.mark.django_db(transaction=True)
def test_owners_are_mailed_once_when_paddock_switches_an_endpoint_off(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    with organization_scope(organization.pk):
        for name, role in (("ann", Membership.Role.OWNER), ("bob", Membership.Role.OWNER), ("eve", "organizer")):
            MembershipFactory(user__email=f"{name}@contoso.example", role=role)
        endpoint = WebhookEndpoint.objects.create(
            url="https://example.com/in?key=1", description="CRM {{x}}", secret="x"
        )
        assert disable(endpoint=endpoint, because="The server says 410.", actor=None)
        assert not disable(endpoint=endpoint, because="The server says 410.", actor=None)
    for _ in range(2):
        with across_tenants("a test plays the sweep"):
            due = notices.find_due_notices()
        for each in due:
            mail_notice(**each._asdict())
    mails = sandbox.mailbox()
    assert sorted(mail["to"] for mail in mails) == ["ann@contoso.example", "bob@contoso.example"]
    assert "switched off" in mails[0]["subject"]
    for words in ("The server says 410.", "https://example.com/in?key=1", f"/webhookendpoint/{endpoint.pk}/change/"):
        assert words in mails[0]["text"]
    with organization_scope(organization.pk):
        assert WebhookNotice.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_fails_is_tried_again(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    with organization_scope(organization.pk):
        MembershipFactory(user__email="ann@contoso.example", role=Membership.Role.OWNER)
        endpoint = WebhookEndpoint.objects.create(url="https://example.com/", secret="x")
        disable(endpoint=endpoint, because="Gone.", actor=None)
        notice = WebhookNotice.objects.get()
        sandbox.knobs(failure_rate=1)
        notices.mail_notice(notice_id=notice.pk)
        notice.refresh_from_db()
        assert (notice.state, notice.attempts) == ("ready", 1)
        sandbox.knobs(failure_rate=0)
        notices.mail_notice(notice_id=notice.pk)
    assert len(sandbox.mailbox()) == 1
