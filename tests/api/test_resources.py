"""Racers, quotas, sponsorship, races, mail, operations, accounts, preflights and the audit trail over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event, ParticipantGroup, Race
from paddock.audit.models import AuditEntry
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from participants.models import (
    Announcement,
    Operation,
    PreflightRun,
    QuotaChange,
    RaceResult,
    RacerProfile,
    Registration,
    Step,
)
from tests.admin.stage import Tenant, build_tenant, enter, write_message
from tests.support.busy import use
from tests.support.keys import Partner
from tests.support.single_sign_on import join

pytestmark = pytest.mark.django_db

WHY = {"reason": "Because"}
EVERYBODY = WHY | {"everybody": True}


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def partner(contoso: Tenant) -> Partner:
    return Partner(contoso.organization)


def read(registration: Registration) -> Registration:
    with organization_scope(registration.organization_id):
        return Registration.objects.get(pk=registration.pk)


def act(partner: Partner, tenant: Tenant, action: str, **body: Any) -> Any:
    return partner.post(f"events/{tenant.event.slug}/people/{action}/", body)


class TestPeople:
    def test_one_several_or_all_get_a_quota_of_their_own(self, partner: Partner, contoso: Tenant) -> None:
        ann, bob, cem = contoso.registration, *(enter(contoso.event, f"{n}@contoso.example") for n in ("bob", "cem"))
        for people, minutes, expected in [
            ({"everybody": True}, {"set": 60}, [60, 60, 60]),
            ({"registrations": [str(ann.reference)]}, {"add": 30}, [90, 60, 60]),
            ({"registrations": [str(bob.reference), str(cem.reference)]}, {"unlimited": True}, [90, None, None]),
        ]:
            answer = act(partner, contoso, "change-quota", minutes=minutes, **people, **WHY)
            assert answer.status_code == 202, answer.json()
            (operation,) = answer.json()["operations"]
            assert operation["started_by"] == "Key “A program”"
            assert (
                partner.get(f"operations/{operation['id']}/").json()["progress"]["total"]
                == operation["progress"]["total"]
            )
            assert [read(each).quota_minutes for each in (ann, bob, cem)] == expected
        with organization_scope(contoso.organization.pk):
            assert QuotaChange.objects.filter(reason="Because").count() == 6
            entry = AuditEntry.objects.filter(action__startswith="changed the quota").first()
            assert entry
            assert (entry.actor_kind, entry.reason) == ("key", "Because")

    def test_an_operation_of_somebody_who_signs_in_by_a_provider_names_their_address(
        self, partner: Partner, contoso: Tenant
    ) -> None:
        with organization_scope(contoso.organization.pk):
            user = join(IdentityProvider.objects.get(), "kim@contoso.example")
            Operation.objects.create(event=contoso.event, title="By hand", started_by=user)
        (operation,) = partner.get("operations/").json()["results"]
        assert operation["started_by"] == "kim@contoso.example"

    def test_nothing_to_change_is_no_operation(self, partner: Partner, contoso: Tenant) -> None:
        act(partner, contoso, "change-quota", minutes={"set": 60}, **EVERYBODY)
        answer = act(partner, contoso, "change-quota", minutes={"set": 60}, **EVERYBODY)
        assert (answer.status_code, answer.json()) == (202, {"operations": []})

    @pytest.mark.parametrize(
        ("action", "body", "field"),
        [
            ("change-quota", EVERYBODY, "minutes"),
            ("change-quota", EVERYBODY | {"minutes": {}}, "minutes"),
            ("change-quota", EVERYBODY | {"minutes": {"set": 1, "add": 1}}, "minutes"),
            ("change-quota", EVERYBODY | {"minutes": {"set": -1}}, "minutes"),
            ("change-quota", EVERYBODY | {"minutes": {"sett": 1}}, "minutes"),
            ("pause", {"everybody": True}, "reason"),
            ("pause", WHY, "registrations"),
            ("pause", EVERYBODY | {"registrations": ["00000000-0000-4000-8000-000000000000"]}, "registrations"),
            ("pause", WHY | {"registrations": ["00000000-0000-4000-8000-000000000000"]}, "registrations"),
            ("pause", WHY | {"registrations": ["nonsense"]}, "registrations"),
            ("pause", EVERYBODY | {"reasons": "A typing error"}, "reasons"),
            ("put-in-group", EVERYBODY, "group"),
        ],
    )
    def test_errors_name_their_field(
        self, partner: Partner, contoso: Tenant, action: str, body: dict[str, Any], field: str
    ) -> None:
        answer = act(partner, contoso, action, **body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])

    def test_somebody_of_elsewhere_stops_it_for_all(self, partner: Partner, contoso: Tenant) -> None:
        outside = build_tenant("Fabrikam").registration
        people = [str(each.reference) for each in (contoso.registration, outside)]
        answer = act(partner, contoso, "pause", registrations=people, **WHY)
        assert answer.status_code == 400
        assert str(outside.reference) in answer.json()["errors"]["registrations"][0]
        assert read(contoso.registration).paused_at is None
        assert read(outside).paused_at is None

    def test_pausing_resuming_and_stopping(self, partner: Partner, contoso: Tenant) -> None:
        assert act(partner, contoso, "pause", **EVERYBODY).status_code == 202
        assert read(contoso.registration).paused_at is not None
        assert act(partner, contoso, "resume", **EVERYBODY).status_code == 202
        assert read(contoso.registration).paused_at is None
        answer = act(partner, contoso, "stop-training", **EVERYBODY)
        assert [each["title"] for each in answer.json()["operations"]] == ["Pause and stop 1 racer"]
        assert read(contoso.registration).paused_at is not None

    def test_groups(self, partner: Partner, contoso: Tenant) -> None:
        act(partner, contoso, "put-in-group", group="Juniors", **EVERYBODY)
        with organization_scope(contoso.organization.pk):
            assert read(contoso.registration).group == ParticipantGroup.objects.get(name="Juniors")
        act(partner, contoso, "put-in-group", group=None, **EVERYBODY)
        assert read(contoso.registration).group is None

    def test_what_failed_is_tried_again(self, partner: Partner, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            Step.objects.filter(kind="identity").update(state=Step.State.FAILED, detail="Unknown")
        assert act(partner, contoso, "retry", **EVERYBODY).json()["steps"] >= 1
        with organization_scope(contoso.organization.pk):
            assert not Step.objects.filter(state=Step.State.FAILED).exists()
            assert AuditEntry.objects.filter(action__contains="again", reason="Because").exists()

    def test_a_repeated_call_does_it_once(self, partner: Partner, contoso: Tenant) -> None:
        body = EVERYBODY | {"minutes": {"set": 60}}
        path = f"events/{contoso.event.slug}/people/change-quota/"
        first, second = (partner.post(path, body, Idempotency_Key="once") for _ in range(2))
        assert first.content == second.content
        assert second["Idempotency-Replayed"] == "true"
        with organization_scope(contoso.organization.pk):
            assert Operation.objects.filter(title__startswith="Change the quota").count() == 1


def test_what_people_used_and_have_left(partner: Partner, contoso: Tenant) -> None:
    use(contoso.registration, 2)
    act(partner, contoso, "change-quota", minutes={"set": 180}, **EVERYBODY)
    (row,) = partner.get(f"events/{contoso.event.slug}/balances/").json()["results"]
    assert row["registration"] == str(contoso.registration.reference)
    assert (row["quota_minutes"], row["used_seconds"], row["left_seconds"]) == (180, 7200, 3600)
    usage = partner.get(f"events/{contoso.event.slug}/usage/").json()
    assert (usage["training_seconds"], usage["spent"], usage["racers"]) == (7200, 7_000_000, 1)
    (racer,) = partner.get(f"racers/?email={contoso.registration.participant.email}").json()["results"]
    assert racer["participant"]["email"] == contoso.registration.participant.email
    assert partner.get("racers/?is_linked=false").json()["results"] == []


class TestRaces:
    def test_linked_changed_and_read(self, partner: Partner, contoso: Tenant) -> None:
        path = f"events/{contoso.event.slug}/races/"
        made = partner.post(path, {"name": "Final", "url": "https://example.com/final"})
        assert made.status_code == 201, made.json()
        assert (made.json()["state"], made.json()["invitation_url"]) == ("linked", "https://example.com/final")
        changed = partner.patch(f"races/{made.json()['id']}/", {"name": "Grand final"}, If_Match=made["ETag"])
        assert (changed.status_code, changed.json()["name"]) == (200, "Grand final")
        assert partner.patch(f"races/{made.json()['id']}/", {"name": "X"}, If_Match=made["ETag"]).status_code == 412
        listed = partner.get(f"races/?event={contoso.event.slug}").json()["results"]
        assert "Grand final" in [each["name"] for each in listed]
        closing = partner.post(f"races/{made.json()['id']}/close/", WHY)
        assert (closing.status_code, closing.json()["detail"]) == (
            409,
            "Was made elsewhere, so it is looked after there.",
        )

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": "No address"}, "url"),
            ({"name": "Of nobody", "sponsoring_account": "000000000000"}, "sponsoring_account"),
            ({"url": "https://example.com"}, "name"),
            ({"name": "Backwards", "url": "https://a.example", "opens_at": "2027-02-01T00:00:00Z",
              "closes_at": "2027-01-01T00:00:00Z"}, "closes_at"),
            ({"name": "Typing error", "url": "https://a.example", "lap": 3}, "lap"),
        ],
    )  # fmt: skip
    def test_errors_name_their_field(self, partner: Partner, contoso: Tenant, body: dict[str, Any], field: str) -> None:
        answer = partner.post(f"events/{contoso.event.slug}/races/", body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])

    def test_a_race_that_was_made_stays_where_it_is(self, partner: Partner, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            account = contoso.event.accounts.get().sponsoring_account
            known = {"url": "https://racing.example/1", "service_id": "1", "sponsoring_account": account}
            known |= {"track": "reinvent_base", "opens_at": contoso.event.starts_at, "closes_at": contoso.event.ends_at}
            race = Race.objects.create(event=contoso.event, name="Final", **known)
        renamed = partner.patch(f"races/{race.pk}/", {"name": "Grand final"})
        assert renamed.status_code == 200, renamed.json()
        assert renamed.json()["url"] == race.url
        for field, value in (("sponsoring_account", None), ("url", ""), ("url", "https://elsewhere.example")):
            answer = partner.patch(f"races/{race.pk}/", {field: value})
            assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])

    def test_foreign_accounts_are_not_there(self, partner: Partner, contoso: Tenant) -> None:
        foreign = build_tenant("Fabrikam")
        with organization_scope(foreign.organization.pk):
            (number,) = foreign.event.accounts.values_list("sponsoring_account__account_id", flat=True)
        answer = partner.post(f"events/{contoso.event.slug}/races/", {"name": "X", "sponsoring_account": number})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["sponsoring_account"])

    def test_leaderboard(self, partner: Partner, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            race = Race.objects.create(event=contoso.event, name="Final", url="https://example.com")
            racer = RacerProfile.objects.get()
            for rank, profile in ((1, racer), (2, None)):
                RaceResult.objects.create(
                    race=race, rank=rank, alias=f"racer{rank}", profile=profile, time_milliseconds=60_000
                )
        first, second = partner.get(f"races/{race.pk}/leaderboard/").json()["results"]
        assert (first["email"], second["email"]) == (contoso.registration.participant.email, None)


class TestMail:
    BODY = EVERYBODY | {"subject": "News for {{given_name}}", "body": "Hello **{{given_name}}**"}

    def test_seen_first_and_then_sent_once(self, partner: Partner, contoso: Tenant) -> None:
        path = f"events/{contoso.event.slug}/messages/"
        preview = partner.post(f"{path}preview/", self.BODY).json()
        assert (preview["recipients"], preview["subject"]) == (1, "News for Ann")
        assert "<strong>Ann</strong>" in preview["html"]
        with organization_scope(contoso.organization.pk):
            assert not Announcement.objects.exists()
        answers = [partner.post(path, self.BODY, Idempotency_Key="news") for _ in range(2)]
        assert [each.status_code for each in answers] == [202, 202]
        with organization_scope(contoso.organization.pk):
            assert Step.objects.filter(kind="announcement").count() == 1

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"body": "{{given_nam}}"}, "body"),
            ({"subject": ""}, "subject"),
            ({"body": "{{race_url}}"}, "race"),
            ({"race": 999}, "race"),
        ],
    )
    def test_errors_name_their_field(
        self, partner: Partner, contoso: Tenant, change: dict[str, Any], field: str
    ) -> None:
        for path in ("messages/", "messages/preview/"):
            answer = partner.post(f"events/{contoso.event.slug}/{path}", self.BODY | change)
            assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])

    def test_messages_are_read(self, partner: Partner, contoso: Tenant) -> None:
        (row,) = partner.get("messages/?state=queued").json()["results"]
        assert (row["recipient"], "html" in row) == ("ann@contoso.example", False)
        assert partner.get(f"messages/{row['id']}/").json()["html"] == "<h1>Welcome, Ann</h1>"
        assert partner.get("messages/?state=sent").json()["results"] == []


def test_preflight_is_started_and_read(partner: Partner, contoso: Tenant) -> None:
    path = f"events/{contoso.event.slug}/preflights/"
    started = partner.post(path, {})
    assert started.status_code == 202
    assert {line["light"] for line in started.json()["lines"]} == {"waiting"}
    assert partner.get(f"{path}{started.json()['id']}/").json()["is_over"] is False


def test_audit_trail_names_keys(partner: Partner, contoso: Tenant) -> None:
    act(partner, contoso, "pause", **EVERYBODY)
    (entry,) = partner.get(f"audit/?actor_kind=key&event={contoso.event.slug}").json()["results"]
    assert (entry["action"], entry["reason"], entry["event"]) == ("paused 1 racer", "Because", contoso.event.slug)
    assert partner.get("audit/?since=2100-01-01T00:00:00Z").json()["results"] == []


def grow_people(tenant: Tenant, number: int) -> None:
    registration = enter(tenant.event, f"person{number}@contoso.example")
    write_message(registration)
    use(registration, 1)


def grow_event(tenant: Tenant, number: int) -> None:
    with organization_scope(tenant.organization.pk):
        Race.objects.create(event=tenant.event, name=f"Race {number}", url="https://example.com")
        Operation.objects.create(event=tenant.event, title=f"Operation {number}")
        PreflightRun.objects.create(event=tenant.event)
        AuditEntry.objects.create(action="did it", object_id=1, event_id=tenant.event.pk)


LISTS: dict[str, tuple[Callable[[Tenant, int], None], list[str]]] = {
    "people": (grow_people, ["racers/", "events/contoso-cup/balances/", "messages/"]),
    "event": (grow_event, ["races/", "operations/", "events/contoso-cup/preflights/", "audit/"]),
}


@pytest.mark.parametrize("what", LISTS)
def test_queries_do_not_grow(partner: Partner, contoso: Tenant, what: str) -> None:
    grow, paths = LISTS[what]
    with organization_scope(contoso.organization.pk):
        Event.objects.filter(pk=contoso.event.pk).update(slug="contoso-cup")
    counts: dict[str, set[int]] = {path: set() for path in paths}
    grown = 0
    for size in (1, 3, 12):
        for number in range(grown, size):
            grow(contoso, number)
        grown = size
        for path in paths:
            partner.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert len(partner.get(path).json()["results"]) >= size
            counts[path].add(len(queries))
    assert {path: each for path, each in counts.items() if len(each) > 1} == {}
