"""Registrations and participants, as a partner's key sees and changes them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from events.models import Event, Question
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Operation, Participant, RacerProfile, Registration, Step, registration
from tests.support.factories import EventFactory, QuestionFactory
from tests.support.keys import Partner

pytestmark = pytest.mark.django_db

# Lists are searched in two ways, by how many rows could be meant.
LOOKS = pytest.mark.parametrize("many", [0, registration.MANY], ids=["of many", "of few"])


def person(number: int, **fields: Any) -> dict[str, Any]:
    return {"email": f"racer{number}@contoso.example", "given_name": "Racer", "family_name": f"No {number}"} | fields


def people(event: Event, what: str = "") -> str:
    return f"events/{event.slug}/registrations/{what}"


def change(event: Event, **fields: Any) -> None:
    with organization_scope(event.organization_id):
        Event.objects.filter(pk=event.pk).update(**fields)


def bulk(partner: Partner, event: Event, *items: Any, **headers: str) -> list[dict[str, Any]]:
    answer = partner.post(people(event, "bulk/"), {"registrations": list(items)}, **headers)
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


class TestRegistering:
    def test_a_partner_registers_for_what_the_public_cannot_see(self, partner: Partner, event: Event) -> None:
        change(event, is_published=False, requires_sign_in=True)
        answer = partner.post(people(event), person(1))
        assert answer.status_code == 201
        row = answer.json()
        assert (row["event"], row["participant"]["email"], row["status"]) == (
            event.slug,
            "racer1@contoso.example",
            "registered",
        )
        again = partner.post(people(event), person(1, given_name="Another"))
        assert (again.status_code, again.json()) == (200, row)
        assert partner.get(f"registrations/{row['id']}/").json() == row

    def test_the_window_holds_for_partners_too(self, partner: Partner, event: Event) -> None:
        change(event, registration_closes_at=timezone.now() - timedelta(hours=1))
        answer = partner.post(people(event), person(1))
        assert (answer.status_code, answer.json()["code"]) == (409, "closed")


class TestBulk:
    def test_everybody_gets_a_result_of_their_own(self, partner: Partner, event: Event) -> None:
        with organization_scope(event.organization_id):
            QuestionFactory(event=event, key="level", kind=Question.Kind.CHOICE, choices=["New", "Old"])
        partner.post(people(event), person(1))
        results = bulk(
            partner,
            event,
            *(person(1), person(2), person(2, email="RACER2@contoso.example"), person(3, email="nobody")),
            *(person(4, answers={"level": "?"}), "nonsense", {"email": 5}, person(5, answers={"level": "New"})),
        )
        assert [each["status"] for each in results] == [200, 201, 200, 400, 400, 400, 400, 201]
        assert [each["index"] for each in results] == list(range(8))
        assert results[1]["registration"]["id"] == results[2]["registration"]["id"]
        assert list(results[3]["problem"]["errors"]) == ["email"]
        assert list(results[4]["problem"]["errors"]["answers"]) == ["level"]
        with organization_scope(event.organization_id):
            assert Registration.objects.count() == 3
            assert Registration.objects.last() is not None
            assert {r.answers.get("level") for r in Registration.objects.all()} == {None, "New"}
            steps = Step.objects.exclude(registration=None).values_list("registration", "kind")
            assert len(steps) == len(set(steps)) == 15

    def test_places_are_given_in_order(self, partner: Partner, event: Event) -> None:
        change(event, capacity=2)
        results = bulk(partner, event, person(1), person(2, email="?"), person(3), person(4), person(1), None)
        assert [each["status"] for each in results] == [201, 400, 201, 409, 200, 400]
        assert results[3]["problem"]["code"] == "full"

    def test_the_same_bulk_again_gives_the_same(self, partner: Partner, event: Event) -> None:
        items = [person(number) for number in range(5)]
        first = bulk(partner, event, *items, Idempotency_Key="bulk")
        assert bulk(partner, event, *items, Idempotency_Key="bulk") == first
        bare = bulk(partner, event, *items)
        assert [each["registration"] for each in bare] == [each["registration"] for each in first]
        assert {each["status"] for each in bare} == {200}

    def test_people_are_spread_and_their_racers_announced(self, partner: Partner, event: Event) -> None:
        with organization_scope(event.organization_id):
            second = EventFactory(directory=event.directory).accounts.get()
            event.accounts.create(sponsoring_account=second.sponsoring_account, share=2)
        bulk(partner, event, *(person(number, racer_alias=f"racer-{number}") for number in range(6)))
        with organization_scope(event.organization_id):
            by_account = [account.registrations.count() for account in event.accounts.order_by("id")]
            assert by_account == [2, 4]
            assert Participant.objects.filter(racer_profiles__alias__startswith="racer-").count() == 6

    def test_who_was_removed_comes_back(self, partner: Partner, event: Event) -> None:
        ids = [each["registration"]["id"] for each in bulk(partner, event, person(1), person(2), person(3))]
        remove(partner, event, ids[:2], "Ill")
        results = bulk(partner, event, person(1, answers={}), person(2), person(3), person(1))
        assert [each["status"] for each in results] == [201, 201, 200, 200]
        assert [each["registration"]["id"] for each in results[:3]] == ids
        assert {each["registration"]["status"] for each in results} <= {"registered", "preparing"}

    @pytest.mark.parametrize("body", [{}, {"registrations": []}, {"registrations": [{}] * 1001}, [], None])
    def test_the_list_itself_has_its_limits(self, partner: Partner, event: Event, body: Any) -> None:
        answer = partner.post(people(event, "bulk/"), body)
        assert answer.status_code == 400

    @pytest.mark.parametrize("number", [1, 3, 200])
    def test_statements_do_not_grow(
        self, partner: Partner, event: Event, number: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        items = [person(each, racer_alias=f"racer-{each}") for each in range(number)]
        bulk(partner, event, person(1000))
        with django_assert_num_queries(32, exact=False):
            bulk(partner, event, *items)


class TestLists:
    @pytest.fixture
    def ids(self, partner: Partner, event: Event) -> list[str]:
        results = bulk(partner, event, *(person(number) for number in range(5)))
        return [each["registration"]["id"] for each in results]

    def test_pages_lead_to_everybody_once(self, partner: Partner, event: Event, ids: list[str]) -> None:
        path, seen = f"{people(event)}?page_size=2", []
        first = partner.get(path).json()
        assert first["previous"] is None
        while path:
            page = partner.get(path).json()
            seen += [row["id"] for row in page["results"]]
            if len(seen) == 2:
                partner.post(people(event), person(9))  # comes in meanwhile, and stands at the end
            path = page["next"]
        assert seen[:5] == ids
        assert len(seen) == len(set(seen)) == 6

    @pytest.mark.parametrize(
        "query",
        [
            "cursor=made-up",
            "cursor=cD14",
            "cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
            "page_size=0",
            "page_size=501",
            "page_size=x",
            "updated_since=soon",
            "updated_since=0001-01-01T00:00:00%2B01:00",
            "status=odd",
        ],
    )
    def test_what_cannot_be_read_is_named(self, partner: Partner, query: str) -> None:
        answer = partner.get(f"registrations/?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])

    @LOOKS
    def test_filters(
        self, partner: Partner, event: Event, ids: list[str], monkeypatch: pytest.MonkeyPatch, many: int
    ) -> None:
        monkeypatch.setattr(registration, "MANY", many)
        with organization_scope(event.organization_id):
            other = EventFactory(directory=event.directory)
            Step.objects.filter(registration__reference=ids[0], kind="identity").update(state="failed")
        partner.post(people(other), person(0))

        def find(path: str) -> set[str]:
            return {row["id"] for row in partner.get(path).json()["results"]}

        assert find("registrations/?status=failed") == {ids[0]}
        remove(partner, other, sorted(find(people(other))), "Left")
        assert find("registrations/?status=removing") == find(people(other))
        assert find("registrations/?status=failed") == {ids[0]}
        assert find(f"{people(event)}?email=RACER1@contoso.example") == {ids[1]}
        assert find(f"registrations/?event={event.slug}") == set(ids)
        assert len(find("registrations/")) == 6
        mails = [row["email"] for row in partner.get(f"participants/?event={other.slug}").json()["results"]]
        assert mails == ["racer0@contoso.example"]
        assert len(partner.get("participants/?email=racer1@contoso.example").json()["results"]) == 1

    @pytest.mark.parametrize("number", [1, 3, 20])
    @pytest.mark.parametrize("path", ["registrations/", "participants/", "events/{}/registrations/"])
    def test_queries_do_not_grow(
        self,
        partner: Partner,
        event: Event,
        number: int,
        path: str,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        bulk(partner, event, *(person(each) for each in range(number)))
        partner.get(path.format(event.slug))
        with django_assert_num_queries(5, exact=False):
            assert len(partner.get(path.format(event.slug)).json()["results"]) == number


class TestUpdatedSince:
    def find(self, partner: Partner, moment: str, what: str = "registrations") -> list[Any]:
        return [
            row["id"] for row in partner.get(f"{what}/?updated_since={moment.replace('+', '%2B')}").json()["results"]
        ]

    @LOOKS
    def test_moves_with_the_status_and_with_changes_in_bulk(
        self, partner: Partner, event: Event, monkeypatch: pytest.MonkeyPatch, many: int
    ) -> None:
        monkeypatch.setattr(registration, "MANY", many)
        ids = [each["registration"]["id"] for each in bulk(partner, event, *(person(n) for n in range(3)))]
        now = timezone.now().isoformat()
        assert self.find(partner, now) == []
        with organization_scope(event.organization_id):
            Step.objects.filter(registration__reference=ids[0], kind="access").update(state="done")
            Registration.objects.filter(reference=ids[1]).update(paused_at=timezone.now())
            Step.objects.filter(registration__reference=ids[2]).update(detail="Nothing new")
        assert self.find(partner, now) == ids[:2]
        row = partner.get(f"registrations/{ids[0]}/").json()
        assert row["status"] == "ready"
        assert row["updated_at"] > now

    def test_of_participants_and_events(self, partner: Partner, event: Event) -> None:
        bulk(partner, event, person(1), person(2))
        now = timezone.now().isoformat()
        assert self.find(partner, now, "participants") == []
        with organization_scope(event.organization_id):
            Participant.objects.filter(email__startswith="racer1").update(family_name="Changed")
            Event.objects.update(capacity=3)
        assert len(self.find(partner, now, "participants")) == 1
        assert len(partner.get(f"events/?updated_since={now.replace('+', '%2B')}").json()["results"]) == 1

    def test_of_racers(self, partner: Partner, event: Event) -> None:
        """That somebody looked, and saw nothing new, is no change."""
        bulk(partner, event, person(1), person(2))
        with organization_scope(event.organization_id):
            account = event.accounts.get().sponsoring_account
            first, second = (
                RacerProfile.objects.create(sponsoring_account=account, alias=f"racer{number}") for number in (1, 2)
            )
        now = timezone.now().isoformat()
        with organization_scope(event.organization_id):
            RacerProfile.objects.update(seen_at=timezone.now())
            assert self.find(partner, now, "racers") == []
            RacerProfile.objects.filter(pk=first.pk).update(used_seconds=60)
        assert self.find(partner, now, "racers") == [first.pk]
        later = timezone.now().isoformat()
        with organization_scope(event.organization_id):
            RacerProfile.objects.filter(pk=second.pk).update(used_seconds=second.used_seconds)
        assert self.find(partner, later, "racers") == []


def remove(partner: Partner, event: Event, ids: list[str], reason: str, **answers: Any) -> Any:
    body = {"registrations": ids, "reason": reason, **answers}
    return partner.post(f"events/{event.slug}/people/remove/", body)


class TestRemoving:
    def test_one_and_several(self, partner: Partner, event: Event) -> None:
        ids = [each["registration"]["id"] for each in bulk(partner, event, *(person(n) for n in range(4)))]
        assert remove(partner, event, ids[:1], "Cannot come", keeps_models=True).status_code == 202
        again = remove(partner, event, ids[:1], "Twice")
        assert (again.status_code, ids[0] in str(again.json()["errors"])) == (400, True)
        several = remove(partner, event, ids[1:3], "Left")
        with organization_scope(event.organization_id):
            operation = Operation.objects.get(pk=several.json()["operations"][0]["id"])
            assert (operation.started_by, operation.started_by_name) == (None, "Key “A program”")
            assert operation.title.startswith("Remove 2 people")
            assert AuditEntry.objects.latest("id").actor_name == "Key “A program”"
            assert Registration.objects.filter(removed_at=None).count() == 1
            assert Registration.objects.get(reference=ids[0]).keeps_models

    def test_a_list_with_a_stranger_removes_nobody(self, partner: Partner, event: Event, outside: Event) -> None:
        (mine,) = bulk(partner, event, person(1))
        (theirs,) = bulk(Partner(outside.organization), outside, person(1))
        ids = [mine["registration"]["id"], theirs["registration"]["id"]]
        answer = remove(partner, event, ids, "Mixed up")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["registrations"])
        assert ids[1] in str(answer.json())
        with organization_scope(event.organization_id):
            assert not Registration.objects.exclude(removed_at=None).exists()

    def test_an_event_ends_once(self, partner: Partner, event: Event) -> None:
        bulk(partner, event, person(1))
        body = {"reason": "Over"}
        assert partner.post(f"events/{event.slug}/end/", body).status_code == 202
        again = partner.post(f"events/{event.slug}/end/", body)
        assert (again.status_code, again.json()["code"]) == (409, "event_has_ended")


class TestParticipants:
    def test_names_are_set_right(self, partner: Partner, event: Event) -> None:
        bulk(partner, event, person(1))
        (row,) = partner.get("participants/").json()["results"]
        path = f"participants/{row['id']}/"
        answer = partner.patch(path, {"given_name": " Anna "}, If_Match=partner.get(path)["ETag"])
        assert (answer.status_code, answer.json()["given_name"]) == (200, "Anna")
        assert partner.patch(path, {"given_name": "Late"}, If_Match='"old"').status_code == 412
        for body, field in (({"family_name": "<b>"}, "family_name"), ({"email": "x@y.example"}, "email")):
            refused = partner.patch(path, body)
            assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
