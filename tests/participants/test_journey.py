"""From a registration to verified access and the mail, over the providers' wire."""

import pytest
from django.core.cache import cache

from events.models import Event, EventAccount
from paddock.tenancy.scope import organization_scope
from participants.domain.steps import retry_now
from participants.models import Registration, Step
from tests.support.convergence import converge_until, hurry, run_due_work, settle
from tests.support.sandbox import Sandbox
from tests.support.world import account_of, build_event, build_organization, sign_up

pytestmark = pytest.mark.django_db(transaction=True)


def status_of(registration: Registration) -> str:
    with organization_scope(registration.organization_id):
        return Registration.objects.with_status().get(pk=registration.pk).status


def step_of(registration: Registration, kind: str) -> Step:
    with organization_scope(registration.organization_id):
        return Step.objects.get(registration=registration, kind=kind)


@pytest.mark.parametrize(
    ("directory", "mail"),
    [("entra", "pinpoint"), ("entra", "smtp"), ("identity_center", "ses"), ("identity_center", "pinpoint")],
)
def test_person_is_let_in_and_mailed(sandbox: Sandbox, directory: str, mail: str) -> None:
    event = build_event(build_organization(sandbox, directory=directory, mail=mail), title="Summer Cup")
    registration = sign_up(event, "ann")
    assert status_of(registration) == "registered"
    settle()
    assert status_of(registration) == "ready"
    (received,) = sandbox.mailbox()
    assert received["provider"] == mail
    assert received["to"] == registration.participant.email
    assert received["subject"] == "You're in: Summer Cup"
    assert "Hello Ann," in received["text"]
    assert f"account_id={account_of(event).account_id}" in received["text"]
    assert "role_name=PaddockRacer" in received["html"]
    assert "{{" not in received["text"] + received["html"]


def test_unknown_address_fails_with_words_for_both_and_retries_once_mended(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    registration = sign_up(event, "nobody.knows")
    converge_until(lambda: status_of(registration) == "failed")
    step = step_of(registration, "identity")
    assert "does not know nobody.knows@" in step.detail
    assert "address that you sign in with" in step.hint
    assert registration.participant.email not in step.hint
    assert sandbox.mailbox() == []

    directory = event.directory
    person = {"mail": registration.participant.email, "given_name": "Nobody", "family_name": "Knows"}
    sandbox.seed(entra=[entra_tenant(event) | {"people": [person]}])
    with organization_scope(event.organization_id):
        assert retry_now(steps=Step.objects.filter(pk=step.pk)) == 1
    settle()
    assert status_of(registration) == "ready"
    assert directory.is_entra


def entra_tenant(event: Event) -> dict[str, str]:
    directory = event.directory
    return {
        "tenant_id": directory.entra_tenant_id,
        "client_id": directory.client_id,
        "service_principal_id": directory.service_principal_id,
        "job_id": f"job.{directory.entra_tenant_id}",
    }


@pytest.mark.parametrize("allows_guests", [True, False])
def test_guests_come_in_where_the_event_invites_them(sandbox: Sandbox, allows_guests: bool) -> None:
    event = build_event(build_organization(sandbox), allows_guests=allows_guests)
    registration = sign_up(event, "guest", email="guest@elsewhere.example")
    converge_until(lambda: status_of(registration) == ("ready" if allows_guests else "failed"))


def test_without_push_access_comes_with_the_cycle(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    event = build_event(organization)
    with organization_scope(organization.pk):
        type(event.directory).objects.update(service_principal_id="")
        Event.objects.update(group_name=f"cup-{event.pk}")
    registration = sign_up(event, "ann")
    converge_until(lambda: step_of(registration, "push").state == Step.State.DONE)
    assert "regular cycle" in step_of(registration, "push").detail
    hurry()
    run_due_work()
    assert status_of(registration) == "preparing"
    assert sandbox.mailbox() == []


def test_bulk_load_is_left_to_a_cycle_that_comes_sooner(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    first = sign_up(event, "first")
    settle()
    sandbox.knobs(sync_interval_seconds=6)
    cache.clear()  # a real cycle does not change from one minute to the next
    registrations = [sign_up(event, f"racer{number}") for number in range(60)]  # pushing them takes 24 seconds
    converge_until(lambda: all(status_of(each) == "ready" for each in registrations))
    assert "regular cycle" in step_of(registrations[0], "push").detail
    assert "regular cycle" not in step_of(first, "push").detail


def test_two_events_share_a_participant_but_not_their_groups(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox, directory="identity_center")
    events = [build_event(organization) for _ in range(2)]
    registrations = [sign_up(event, "ann") for event in events]
    settle()
    assert registrations[0].participant == registrations[1].participant
    assert [status_of(each) for each in registrations] == ["ready", "ready"]
    with organization_scope(organization.pk):
        assert len(set(EventAccount.objects.values_list("directory_group_id", flat=True))) == 2
    assert len(sandbox.mailbox()) == 2
