"""The same call again: the same answer, and nothing done twice."""

import json
import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from events.models import Event
from paddock.api.models import StoredAnswer
from paddock.api.tasks import forget_answers
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Registration
from tests.support import services
from tests.support.keys import Partner
from tests.support.locks import find_waiting
from tests.support.waiting import wait_until

ANN = {"email": "ann@contoso.example", "given_name": "Ann", "family_name": "Lee"}
BOB = {"email": "bob@contoso.example", "given_name": "Bob", "family_name": "Ray"}


def people(event: Event) -> str:
    return f"events/{event.slug}/registrations/"


def count(event: Event, model: type[Any] = Registration) -> int:
    with organization_scope(event.organization_id):
        return int(model.objects.count())


@pytest.mark.django_db
class TestReplays:
    def test_the_first_answer_comes_again_letter_by_letter(self, partner: Partner, event: Event) -> None:
        first = partner.post(people(event), ANN, Idempotency_Key="one")
        again = partner.post(people(event), ANN, Idempotency_Key="one")
        assert (first.status_code, again.status_code) == (201, 201)  # and not 200, which the person's second would be
        assert first.content == again.content
        assert first["ETag"] == again["ETag"]
        assert first["Content-Type"] == again["Content-Type"]
        assert "Idempotency-Replayed" not in first
        assert again["Idempotency-Replayed"] == "true"
        assert "RateLimit" in again
        assert partner.post(people(event), ANN).status_code == 200

    def test_a_change_is_done_once(self, partner: Partner, event: Event) -> None:
        for _ in range(2):
            answer = partner.patch(f"events/{event.slug}/", {"capacity": 5}, Idempotency_Key="change")
        partner.patch(f"events/{event.slug}/", {"capacity": 6})
        replayed = partner.patch(f"events/{event.slug}/", {"capacity": 5}, Idempotency_Key="change")
        assert replayed.json() == answer.json()
        assert partner.get(f"events/{event.slug}/").json()["capacity"] == 6
        assert count(event, AuditEntry) == 2

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "events/{}/registrations/", BOB),
            ("POST", "events/{}/registrations/?fields=id", ANN),
            ("POST", "events/other/registrations/", ANN),
            ("PATCH", "events/{}/", ANN),
        ],
    )
    def test_another_call_under_the_same_name_is_refused(
        self, partner: Partner, event: Event, method: str, path: str, body: Any
    ) -> None:
        partner.post(people(event), ANN, Idempotency_Key="one")
        answer = partner.call(method, path.format(event.slug), body, Idempotency_Key="one")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert count(event) == 1

    def test_names_belong_to_their_key(self, partner: Partner, event: Event) -> None:
        partner.post(people(event), ANN, Idempotency_Key="one")
        other = Partner(event.organization).post(people(event), BOB, Idempotency_Key="one")
        assert other.status_code == 201
        assert count(event) == 2

    def test_refusals_come_again_too(self, partner: Partner, event: Event) -> None:
        with organization_scope(event.organization_id):
            Event.objects.update(capacity=0)
        first = partner.post(people(event), ANN, Idempotency_Key="one")
        with organization_scope(event.organization_id):
            Event.objects.update(capacity=5)
        again = partner.post(people(event), ANN, Idempotency_Key="one")
        assert first.status_code == again.status_code == 409
        assert first.content == again.content
        assert again["Content-Type"] == "application/problem+json"
        assert partner.post(people(event), ANN, Idempotency_Key="two").status_code == 201

    def test_a_lost_update_may_be_mended_under_the_same_name(self, partner: Partner, event: Event) -> None:
        path, body = f"events/{event.slug}/", {"capacity": 5}
        assert partner.patch(path, body, Idempotency_Key="one", If_Match='"old"').status_code == 412
        current = partner.get(path)["ETag"]
        assert partner.patch(path, body, Idempotency_Key="one", If_Match=current).status_code == 200

    @pytest.mark.parametrize("name", ["", "with space", "ümlaut", "x" * 256])
    def test_names_that_are_none(self, partner: Partner, event: Event, name: str) -> None:
        answer = partner.post(people(event), ANN, Idempotency_Key=name)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])

    def test_what_breaks_leaves_nothing_behind(
        self, partner: Partner, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        partner.client.raise_request_exception = False
        with monkeypatch.context() as patched:
            patched.setattr(StoredAnswer.objects, "create", lambda **fields: 1 / 0)
            broken = partner.post(people(event), ANN, Idempotency_Key="one")
        assert (broken.status_code, broken.json()["code"]) == (500, "broken")
        assert count(event) == 0
        assert partner.post(people(event), ANN, Idempotency_Key="one").status_code == 201

    def test_answers_are_kept_for_a_day(self, partner: Partner, event: Event) -> None:
        partner.post(people(event), ANN, Idempotency_Key="one")
        self._age(event, timedelta(hours=23))
        forget_answers()
        assert partner.post(people(event), ANN, Idempotency_Key="one")["Idempotency-Replayed"] == "true"
        self._age(event, timedelta(hours=2))
        assert partner.post(people(event), BOB, Idempotency_Key="one").status_code == 201
        self._age(event, timedelta(hours=25))
        forget_answers()
        assert count(event, StoredAnswer) == 0

    def _age(self, event: Event, by: timedelta) -> None:
        with organization_scope(event.organization_id):
            for answer in StoredAnswer.objects.all():
                answer.created_at -= by
                answer.save()


def kill_connection(pid: int) -> None:
    with psycopg.connect(services.postgres().owner_url, autocommit=True) as owner:
        owner.execute("select pg_terminate_backend(%s)", [pid])


@pytest.mark.django_db(transaction=True)
class TestProgress:
    def test_a_call_in_progress_is_not_begun_again(self, partner: Partner, event: Event) -> None:
        """Somebody holds the event, so that the first call waits inside its transaction."""
        answers: list[Any] = []
        with organization_scope(event.organization_id), transaction.atomic():
            Event.objects.select_for_update().get(pk=event.pk)
            thread = threading.Thread(target=self._call, args=(partner, event, answers))
            thread.start()
            wait_until(find_waiting)
            second = partner.post(people(event), ANN, Idempotency_Key="one")
        thread.join(timeout=60)
        assert (second.status_code, second.json()["code"], second["Retry-After"]) == (409, "in_progress", "1")
        assert [answer.status_code for answer in answers] == [201]
        assert partner.post(people(event), ANN, Idempotency_Key="one").content == answers[0].content

    def test_a_process_that_dies_leaves_nothing_in_the_way(self, partner: Partner, event: Event) -> None:
        with organization_scope(event.organization_id), transaction.atomic():
            Event.objects.select_for_update().get(pk=event.pk)
            thread = threading.Thread(target=self._call, args=(partner, event, []))
            thread.start()
            kill_connection(wait_until(find_waiting))
            thread.join(timeout=60)
        assert count(event) == 0
        answer = partner.post(people(event), ANN, Idempotency_Key="one")
        assert answer.status_code == 201
        assert "Idempotency-Replayed" not in answer

    def _call(self, partner: Partner, event: Event, answers: list[Any]) -> None:
        client = Client(raise_request_exception=False)
        path = f"/api/v1/organizations/{event.organization.slug}/{people(event)}"
        headers = {"Authorization": f"Bearer {partner.token}", "Idempotency-Key": "one"}
        answers.append(client.post(path, json.dumps(ANN), content_type="application/json", headers=headers))
        connection.close()
