"""The off-boarding page of an event, and the way to it."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import end_event, remove_participants
from participants.domain.offboarding.kinds import REGISTRATION_KINDS
from participants.models import Participant, Registration, Step
from tests.admin.stage import Tenant, enter, page, sign_in

pytestmark = pytest.mark.django_db

REASON = "The race is over"


def proof(event: Event, what: str = "", **query: str) -> str:
    return reverse(f"admin:events_event_offboarding{what}", args=[event.pk], query=query)


def end(tenant: Tenant) -> None:
    with organization_scope(tenant.organization.pk):
        end_event(event=tenant.event, keeps_models=False, actor=None, reason=REASON)


def settle_as(tenant: Tenant, state: str, *, kind: str = "", detail: str = "", email: str = "") -> None:
    """Removal steps as convergence leaves them: all of them, or those of one kind or person."""
    with organization_scope(tenant.organization.pk):
        steps = Step.objects.filter(event=tenant.event, kind__startswith="remove_")
        steps = steps.filter(kind=kind) if kind else steps
        steps = steps.filter(registration__participant__email=email) if email else steps
        steps.update(state=state, detail=detail, done_at=timezone.now() if state == "done" else None)


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


class TestPage:
    @pytest.mark.parametrize(
        ("states", "answer"),
        [
            ([("done", "")], "All gone, and read back."),
            ([], "1 to go."),
            ([("done", ""), ("failed", "remove_models")], "1 quarantined."),
            ([("done", ""), ("ready", "remove_assignment")], "The event&#x27;s own access is being closed."),
            ([("done", ""), ("failed", "remove_mode")], "The event&#x27;s own access needs a hand."),
        ],
    )
    def test_answers_first(self, contoso: Tenant, states: list[tuple[str, str]], answer: str) -> None:
        end(contoso)
        for state, kind in states:
            settle_as(contoso, state, kind=kind)
        assert answer in text_of(sign_in("viewer", contoso.organization), proof(contoso.event))

    def test_shows_the_reason_and_the_evidence_of_everybody(self, contoso: Tenant) -> None:
        end(contoso)
        settle_as(contoso, "done", detail="Read back: as it should be.")
        settle_as(contoso, "failed", kind="remove_models", detail="Given up after 12 attempts.")
        text = text_of(sign_in("organizer", contoso.organization), proof(contoso.event))
        assert "Given up after 12 attempts." in text
        assert text.count("Read back: as it should be.") == len(REGISTRATION_KINDS) - 1 + 2
        assert "Retry all that is quarantined" in text

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({}, {"ann", "bob", "cem"}),
            ({"outcome": "gone"}, {"ann"}),
            ({"outcome": "quarantined"}, {"bob"}),
            ({"outcome": "going"}, {"cem"}),
            ({"outcome": "nonsense"}, {"ann", "bob", "cem"}),
            ({"step": "remove_models"}, {"bob", "cem"}),
            ({"q": "bob@"}, {"bob"}),
            ({"q": "bob cem"}, set()),
        ],
    )
    def test_filters(self, contoso: Tenant, query: dict[str, str], shown: set[str]) -> None:
        for name in ("bob", "cem"):
            enter(contoso.event, f"{name}@contoso.example")
        end(contoso)
        settle_as(contoso, "done", email="ann@contoso.example")
        settle_as(contoso, "failed", kind="remove_models", email="bob@contoso.example")
        text = text_of(sign_in("viewer", contoso.organization), proof(contoso.event, **query))
        assert {name for name in ("ann", "bob", "cem") if f">{name}@contoso.example<" in text} == shown

    def test_costs_the_same_however_many_people_there_are(self, contoso: Tenant) -> None:
        client, counts = sign_in("organizer", contoso.organization), []
        for number in range(3):
            for each in range(number * 20):
                enter(contoso.event, f"person{number}-{each}@contoso.example")
            with organization_scope(contoso.organization.pk):
                present = list(Registration.objects.filter(removed_at=None))
                remove_participants(registrations=present, keeps_models=False, actor=None, reason=REASON)
            client.get(proof(contoso.event))
            with CaptureQueriesContext(connection) as queries:
                client.get(proof(contoso.event))
            counts.append(len(queries))
        assert len(set(counts)) == 1, counts

    @pytest.mark.parametrize("what", ["", "_answer", "_csv"])
    def test_is_nobody_elses(self, contoso: Tenant, fabrikam: Tenant, what: str) -> None:
        end(contoso)
        assert sign_in("owner", fabrikam.organization).get(proof(contoso.event, what)).status_code == 404
        chosen_none = sign_in("organizer", contoso.organization, events=[])
        assert chosen_none.get(proof(contoso.event, what)).status_code == 404


class TestRetrying:
    @pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("organizer", 302), ("owner", 302)])
    def test_is_for_organizers(self, contoso: Tenant, role: str, status: int) -> None:
        end(contoso)
        settle_as(contoso, "failed", kind="remove_quota")
        response = sign_in(role, contoso.organization).post(proof(contoso.event, "_retry"))
        assert response.status_code == status
        with organization_scope(contoso.organization.pk):
            failed = Step.objects.filter(state="failed", kind="remove_quota").exists()
        assert failed == (status == 403)

    def test_one_person_alone(self, contoso: Tenant) -> None:
        enter(contoso.event, "bob@contoso.example")
        end(contoso)
        settle_as(contoso, "done")
        settle_as(contoso, "failed", kind="remove_models")
        client = sign_in("organizer", contoso.organization)
        everybody_ann_and_bob = 3
        assert client.get(proof(contoso.event)).content.decode().count('name="reason"') == everybody_ann_and_bob
        ann = {"registration": contoso.registration.pk, "reason": REASON}
        client.post(proof(contoso.event, "_retry"), ann)
        with organization_scope(contoso.organization.pk):
            steps = Step.objects.filter(kind="remove_models")
            assert dict(steps.values_list("registration__participant__email", "state")) == {
                "ann@contoso.example": "ready",
                "bob@contoso.example": "failed",
            }
            assert AuditEntry.objects.get(action="tried 1 quarantined step again").reason == REASON


def test_the_table_is_safe_to_open(contoso: Tenant) -> None:
    end(contoso)
    settle_as(contoso, "done", detail="=1+1")
    with organization_scope(contoso.organization.pk):
        Participant.objects.update(given_name="=cmd()", family_name="Lee")
    response = sign_in("viewer", contoso.organization).get(proof(contoso.event, "_csv"))
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [row["Who"] for row in rows] == ["'=cmd() Lee"] * len(REGISTRATION_KINDS) + [
        f"The event “{contoso.event}”"
    ] * 2
    assert {row["Read back how"] for row in rows} == {"'=1+1"}
    assert rows[0]["Step"] == "Quota taken back"
    assert all(row["When"] for row in rows)


class TestEnding:
    def test_asks_for_the_number_of_people(self, contoso: Tenant) -> None:
        enter(contoso.event, "bob@contoso.example")
        client = sign_in("organizer", contoso.organization)
        address = f"{reverse('admin:events_event_bulk_end_event')}?id={contoso.event.pk}"
        form = client.get(address)
        assert b"although it is still running" in form.content
        answers = {"stage": "preview", "reason": REASON, "models": "delete", "token": form.context["token"]}
        refused = client.post(address, answers)
        assert refused.context["form"].errors.keys() == {"still_runs"}
        preview = client.post(address, answers | {"still_runs": "on", "token": refused.context["token"]})
        assert b"2 people" in preview.content
        for typed, ended in (("", False), ("3", False), ("2", True)):
            preview = client.post(
                address, {"stage": "confirm", "typed": typed, "token": preview.context["token"]}, follow=ended
            )
            with organization_scope(contoso.organization.pk):
                assert bool(Event.objects.get(pk=contoso.event.pk).offboarding_at) == ended
        with organization_scope(contoso.organization.pk):
            assert Registration.objects.filter(removed_at=None).count() == 0

    def test_one_person_is_removed_from_their_page(self, contoso: Tenant) -> None:
        client = sign_in("organizer", contoso.organization)
        button = client.get(page(contoso.registration)).content.decode()
        assert "Remove from event…" in button
        address = f"{reverse('admin:participants_registration_bulk_remove_people')}?id={contoso.registration.pk}"
        form = client.get(address)
        answers = {"stage": "preview", "reason": REASON, "models": "keep", "token": form.context["token"]}
        preview = client.post(address, answers)
        client.post(address, {"stage": "confirm", "typed": "1", "token": preview.context["token"]})
        with organization_scope(contoso.organization.pk):
            removed = Registration.objects.get()
            assert removed.removed_at
            assert removed.keeps_models
        assert "Being removed" in client.get(page(Registration, "changelist")).content.decode()
