"""Reading a portal's table over DynamoDB's own wire: all of it once, then its stream; nobody lost, nobody twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.domain.connections import open_table
from events.models import Event, IntakeShard
from integrations import aws
from integrations.errors import IntegrationError
from integrations.intake.dynamodb import stream, table
from integrations.intake.dynamodb.refusals import table_errors
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.domain.applicants import Applicant
from participants.domain.intake import following, scanning, turn
from participants.domain.intake.claiming import claim_intake
from participants.domain.intake.retrying import request_retry
from participants.domain.intake.schedule import find_due_intakes
from participants.domain.preflight.running import carry_out, start_preflight
from participants.domain.registration import register
from participants.models import IntakeItem, Participant, Registration
from tests.support.portals import Portal, build_portal, person
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

State = IntakeItem.State


def address(name: str) -> str:
    return f"{name}@contoso.example"


def people(count: int, *, prefix: str = "racer") -> list[dict[str, Any]]:
    return [person(f"{prefix}{number:03d}") for number in range(count)]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pages and batches out of few items."""
    monkeypatch.setattr(turn, "BATCH", 3)
    monkeypatch.setattr(scanning, "ITEMS_ON_A_PAGE", 5)
    monkeypatch.setattr(stream, "RECORDS_ON_A_PAGE", 4)


class TestScanThenStream:
    def test_all_of_it_once_and_then_what_is_written(self, sandbox: Sandbox, small_steps: None) -> None:
        portal = build_portal(sandbox, *people(12))
        assert portal.read()
        assert len(portal.registered()) == 12
        portal.put(*people(9, prefix="later"))
        portal.read()
        assert len(portal.registered()) == 21
        assert set(portal.items("registered").values()) == {""}
        fresh = portal.fresh()
        assert (fresh.scan_count, fresh.read_error, fresh.claimed_at) == (12, "", None)
        assert fresh.streamed_at > fresh.scanned_at  # type: ignore[operator]

    def test_nothing_that_is_written_during_the_scan_is_missed(
        self, sandbox: Sandbox, small_steps: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        portal, pages = build_portal(sandbox, *people(12, prefix="m")), 0
        read = scanning.scan_page

        def write_behind_its_back(*args: Any, **kwargs: Any) -> Any:
            nonlocal pages
            pages += 1
            portal.put(person(f"a-before{pages}"))  # sorts before what has been read already
            return read(*args, **kwargs)

        monkeypatch.setattr(scanning, "scan_page", write_behind_its_back)
        portal.read()
        assert pages > 2
        assert {address(f"a-before{number + 1}") for number in range(pages)} <= set(portal.registered())
        assert len(portal.registered()) == 12 + pages

    def test_what_the_stream_repeats_is_nothing_new(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, person("ann"))
        for _ in range(3):
            portal.read()
            with organization_scope(portal.organization.pk):
                IntakeShard.objects.filter(intake=portal.intake).update(position="")
        assert portal.registered() == [address("ann")]
        assert portal.fresh().record_count >= 3

    def test_a_paused_table_is_left_alone_and_its_place_kept(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, person("ann"))
        portal.read()
        portal.change(is_enabled=False)
        portal.put(person("ben"))
        portal.read()
        assert portal.registered() == [address("ann")]
        portal.change(is_enabled=True)
        portal.read()
        assert portal.registered() == [address("ann"), address("ben")]

    def test_another_worker_waits_for_its_turn(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, person("ann"))
        with organization_scope(portal.organization.pk):
            claim = claim_intake(portal.intake.pk)
        assert claim
        assert not portal.read()
        portal.change(claimed_at=timezone.now() - timedelta(hours=1))  # its worker has died
        assert portal.read()
        assert portal.registered() == [address("ann")]


class Crash(BaseException):
    """The worker is gone: nothing is tidied up."""


def calls_of(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, crash_at: int, after: bool) -> None:
    real, count = getattr(module, name), 0

    def crash(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        if count == crash_at and not after:
            raise Crash
        answer = real(*args, **kwargs)
        if count == crash_at:
            raise Crash
        return answer

    monkeypatch.setattr(module, name, crash)


CRASHES: list[tuple[Any, str]] = [
    (turn, "take_changes"),  # within the transaction, before and after its rows were written
    (turn.Turn, "take"),  # before it, and between it and the next step
    (scanning, "scan_page"),
    (scanning, "list_shards"),
    (following, "_take_page"),
    (following, "list_shards"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "name"), CRASHES, ids=[f"{name}" for _, name in CRASHES])
def test_a_crash_loses_nobody_and_doubles_nobody(
    where: Any, name: str, after: bool, sandbox: Sandbox, small_steps: None
) -> None:
    portal, crashes = build_portal(sandbox, *people(5)), 0
    for crash_at in (1, 2):
        portal.put(person(f"late{crash_at}"))
        with pytest.MonkeyPatch.context() as patched:
            calls_of(patched, where, name, crash_at=crash_at, after=after)
            try:
                portal.read()
            except Crash:
                crashes += 1
        portal.change(claimed_at=None)  # the claim of the dead runs out
    portal.read()
    assert crashes
    assert len(portal.registered()) == 7
    assert sorted(portal.items("registered")) == sorted(portal.items())


class TestShards:
    def test_children_come_after_their_parents(self, sandbox: Sandbox, small_steps: None) -> None:
        portal = build_portal(sandbox)
        portal.read()
        for generation in range(3):
            portal.put(*(person(f"p{number}", firstName=f"Generation {generation}") for number in range(6)))
            portal.do("split")
        portal.put(*people(6))
        portal.read()
        assert len(portal.registered()) == 12
        with across_tenants("a test looks at everything"):
            names = set(Participant.objects.filter(email__startswith="p").values_list("given_name", flat=True))
        assert names == {"Generation 0"}  # whoever comes first stays, so the order was kept
        assert sum(not shard.is_finished for shard in portal.shards()) == 8

    def test_a_turn_that_is_over_leaves_the_other_shards_to_the_next(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        portal = build_portal(sandbox)
        portal.read()
        portal.do("split")
        portal.put(*people(6))
        before = portal.fresh().streamed_at
        with monkeypatch.context() as patched:
            patched.setattr(turn, "TURN_SECONDS", 0.0)
            portal.read()
        assert portal.registered() == []  # it came as far as the first page of the first shard
        assert portal.fresh().streamed_at == before
        portal.read()
        assert len(portal.registered()) == 6

    def test_closed_shards_are_forgotten_once_they_are_finished(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox)
        portal.read()
        portal.do("split")
        portal.read()
        assert len(portal.shards()) == 3
        portal.do("split")
        portal.do("trim")  # only the youngest generation is left
        portal.put(person("ann"))
        portal.read()
        portal.read()
        assert portal.registered() == [address("ann")]
        assert "forgotten" in portal.fresh().scan_reason  # a generation came and went unread

    def test_iterators_that_expire_are_asked_for_again(
        self, sandbox: Sandbox, small_steps: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        portal = build_portal(sandbox)
        portal.read()
        portal.put(*people(10))
        read, expired = stream._read_page, []

        def expire_once(config: Any, iterator: str) -> Any:
            if len(expired) < 2:
                expired.append(portal.do("expire"))
            return read(config, iterator)

        monkeypatch.setattr(stream, "_read_page", expire_once)
        portal.read()
        assert len(expired) == 2
        assert len(portal.registered()) == 10


class TestOutage:
    @pytest.fixture
    def portal(self, sandbox: Sandbox) -> Portal:
        portal = build_portal(sandbox, person("ann"))
        portal.read()
        portal.put(person("ben"))
        return portal

    def expect_everybody(self, portal: Portal) -> None:
        portal.put(person("dee"))
        portal.read()
        portal.read()
        assert portal.registered() == [address(name) for name in ("ann", "ben", "cem", "dee")]
        assert portal.fresh().scan_reason
        assert portal.fresh().read_error == ""

    def test_what_the_stream_has_forgotten_is_read_from_the_table(self, portal: Portal) -> None:
        portal.read()  # has a place in the stream
        portal.put(person("cem"))
        portal.do("trim")
        self.expect_everybody(portal)

    def test_a_day_without_a_look_is_one_too_many(self, portal: Portal) -> None:
        """A shard that nothing was read from yet would begin behind what is forgotten, without a word."""
        portal.put(person("cem"))
        portal.do("trim")
        portal.change(streamed_at=timezone.now() - timedelta(hours=24))
        self.expect_everybody(portal)

    def test_a_closed_shard_that_is_gone(self, portal: Portal) -> None:
        portal.put(person("cem"))
        portal.do("split")
        portal.do("trim")
        self.expect_everybody(portal)

    def test_another_stream(self, portal: Portal) -> None:
        portal.do("stream")
        portal.put(person("cem"))
        portal.read()
        assert "has no stream" in portal.fresh().read_error
        portal.do("stream", view="NEW_IMAGE")
        self.expect_everybody(portal)


class TestChanges:
    def test_a_registration_stays_as_it_was_and_the_difference_is_listed(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, person("ann"))
        portal.read()
        portal.put(person("ann", firstName="Anna"))
        portal.read()
        assert portal.items("changed") == {"ann": "Given name: “Ann” stays, the portal has “Anna”."}
        with across_tenants("a test looks at everything"):
            assert Participant.objects.get(registrations__event=portal.event).given_name == "Ann"

    def test_another_address_is_another_registration_and_said(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, person("ann", email="ann@contso.example"))
        portal.read()
        portal.put(person("ann"))
        portal.read()
        assert portal.registered() == [address("ann"), "ann@contso.example"]
        assert "ann@contso.example stays" in portal.items("changed")["ann"]

    def test_nobody_is_removed_by_the_portal(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, person("ann"), {"id": "odd"})
        portal.read()
        portal.do("delete", keys=["ann", "odd", "never"])
        portal.read()
        assert portal.registered() == [address("ann")]
        told = portal.items("deleted")
        assert "The registration stays" in told["ann"]
        assert "before it could be registered" in told["odd"]
        portal.put(person("odd"))
        portal.read()
        assert portal.registered() == [address("ann"), address("odd")]

    def test_whoever_was_removed_does_not_come_back_by_the_table(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, person("ann"))
        with organization_scope(portal.organization.pk):
            applicant = Applicant(address("ann"), "Ann", "Racer", "", {})
            registration, _ = register(event=portal.event, applicant=applicant)
            Registration.objects.filter(pk=registration.pk).update(removed_at=timezone.now())
        portal.read()
        assert "was removed from the event" in portal.items("unmapped")["ann"]
        with organization_scope(portal.organization.pk):
            assert request_retry(intake=portal.intake, actor=None) == 1
        portal.read()
        assert "ann" in portal.items("registered")


class TestKept:
    """What cannot be registered is listed with its reason, and nothing of it is lost."""

    def test_each_with_its_reason(self, sandbox: Sandbox) -> None:
        odd = [{"id": "nobody", "mail": "x"}, person("typo", email="at home"), person("bad", firstName="<b>")]
        portal = build_portal(sandbox, person("ann"), *odd)
        portal.read()
        assert portal.registered() == [address("ann")]
        assert portal.items("unmapped") == {
            "nobody": "There is no “email”. The item has “id”, “mail”.",
            "typo": "E-mail address: Enter your e-mail address, such as ann@example.com.",
            "bad": "Given name: A name cannot contain < > ; : % or control characters.",
        }

    def test_tried_again_after_the_mapping_was_mended(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, *({"id": name, "mail": address(name)} for name in ("ann", "ben")))
        portal.read()
        portal.change(email_attribute="mail", is_enabled=False)
        with across_tenants("a test looks at everything"):
            one = IntakeItem.objects.get(key__contains="ann").pk
        with organization_scope(portal.organization.pk):
            assert request_retry(intake=portal.intake, actor=None, item_ids=[one]) == 1
        assert [due.intake_id for due in list_due()] == [portal.intake.pk]
        portal.read()
        assert portal.registered() == [address("ann")]
        with organization_scope(portal.organization.pk):
            assert request_retry(intake=portal.intake, actor=None) == 1
        portal.read()
        assert portal.registered() == [address("ann"), address("ben")]
        assert list_due() == []

    def test_mended_in_the_portal(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, {"id": "ann"})
        portal.read()
        portal.put(person("ann"))
        portal.read()
        assert portal.registered() == [address("ann")]
        assert portal.items() == {"ann": ""}

    def test_whoever_finds_the_event_full_comes_when_there_is_a_place(self, sandbox: Sandbox) -> None:
        portal = build_portal(sandbox, *people(3))
        self.set_capacity(portal, 1)
        portal.read()
        assert len(portal.registered()) == 1
        assert [reason[:21] for reason in portal.items("waiting").values()] == ["All places are taken."] * 2
        portal.read()
        assert len(portal.registered()) == 1
        self.set_capacity(portal, 2)
        portal.read()
        assert len(portal.registered()) == 2
        self.set_capacity(portal, None)
        portal.read()
        assert len(portal.registered()) == 3
        assert portal.items("waiting") == {}

    def set_capacity(self, portal: Portal, capacity: int | None) -> None:
        with organization_scope(portal.organization.pk):
            Event.objects.filter(pk=portal.event.pk).update(capacity=capacity)

    def test_one_that_breaks_stops_nobody(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        portal = build_portal(sandbox, person("ann"), person("ben"))
        real = register

        def break_for_ann(*, event: Event, applicant: Applicant) -> Any:
            registration = real(event=event, applicant=applicant)
            if applicant.email == address("ann"):
                raise ZeroDivisionError
            return registration

        monkeypatch.setattr("participants.domain.intake.taking.register", break_for_ann)
        portal.read()
        assert portal.registered() == [address("ben")]
        assert "error of its own" in portal.items("unmapped")["ann"]


def list_due() -> list[Any]:
    with across_tenants("a test plays the beat"):
        return find_due_intakes()


def see_preflight(portal: Portal) -> dict[str, str]:
    with organization_scope(portal.organization.pk):
        run = start_preflight(of=portal.event, actor=None)
        carry_out(run_id=run.pk)
        run.refresh_from_db()
    return {line["name"]: f"{line['light']}: {line['advice']}" for line in run.lines if line["group"] == "Intake"}


def test_a_preflight_looks_at_it(sandbox: Sandbox) -> None:
    portal = build_portal(sandbox, person("ann"), {"id": "odd"}, is_enabled=False)
    assert see_preflight(portal)["intake-reading"].startswith("amber: It is paused")
    portal.change(is_enabled=True)
    portal.read()
    found = see_preflight(portal)
    assert found["intake-table"] == (
        "green: “Registrations” in eu-west-1 can be read, with about 2 items, and so can its stream."
    )
    assert found["intake-reading"] == "green: 1 person came by it."
    assert found["intake-items"].startswith("amber: 1 item needs a hand.")
    portal.change(table_name="Nothing")
    assert see_preflight(portal)["intake-table"].startswith("red: The role may not read “Nothing”")


def test_tenants_do_not_meet(sandbox: Sandbox) -> None:
    """Both have an item of the same key and a person of the same address, in tables of the same name."""
    contoso, fabrikam = build_portal(sandbox, person("ann")), build_portal(sandbox, person("ann"), {"id": "odd"})
    for portal in (contoso, fabrikam):
        portal.read()
    assert contoso.registered() == fabrikam.registered() == [address("ann")]
    assert (contoso.items("unmapped").keys(), fabrikam.items("unmapped").keys()) == (set(), {"odd"})
    with organization_scope(contoso.organization.pk):
        assert request_retry(intake=fabrikam.intake, actor=None) == 0
        assert claim_intake(fabrikam.intake.pk) is None
    fabrikam.change(role_arn=contoso.intake.role_arn)  # but not its external id
    fabrikam.put(person("ben"))
    fabrikam.read()
    assert "did not let Paddock assume the role" in fabrikam.fresh().read_error
    assert fabrikam.registered() == [address("ann")]


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"table_name": "Nothing"}, {}, "may not read “Nothing” in eu-west-1. Check the table's name and its region"),
    ({"table_name": "Nothing"}, {"readers": []}, "There is no table “Nothing” in eu-west-1."),
    ({"region": "us-east-1"}, {}, "may not read “Registrations” in us-east-1"),
    ({}, {"actions": ["DescribeTable", "DescribeStream"]}, "may not read “Registrations”"),
    ({}, {"actions": ["DescribeTable", "Scan"]}, "may not read “Registrations”"),
    ({}, {"view": None}, "has no stream, so nobody hears of new registrations. Switch it on"),
    ({}, {"view": "KEYS_ONLY"}, "has the view type KEYS_ONLY, which does not tell what was written"),
    ({"external_id": "paddock-of-another"}, {}, "did not let Paddock assume the role"),
]


@pytest.mark.parametrize(("fields", "seed", "sentence"), REFUSED)
def test_what_is_wrong_is_said_with_what_to_do(
    fields: dict[str, Any], seed: dict[str, Any], sentence: str, sandbox: Sandbox
) -> None:
    portal = build_portal(sandbox, person("ann"), seed=seed)
    portal.change(**fields)
    portal.read()
    assert sentence in portal.fresh().read_error
    assert portal.registered() == []


def test_a_flaky_provider_costs_time_alone(sandbox: Sandbox, small_steps: None) -> None:
    portal = build_portal(sandbox, *people(8))
    sandbox.knobs(failure_rate=0.2)
    for _ in range(30):
        portal.read()
        if portal.fresh().scanned_at and not portal.fresh().read_error:
            break
    sandbox.knobs(failure_rate=0)
    portal.read()
    assert len(portal.registered()) == 8


def test_pages_of_a_megabyte(sandbox: Sandbox) -> None:
    big = [person(f"big{number}", note="x" * 300_000) for number in range(8)]
    portal = build_portal(sandbox, *big)
    config = open_table(portal.intake)
    assert not table.scan_page(config, after=None, limit=500).is_last
    portal.read()
    assert len(portal.registered()) == 8
    portal.put(*(person(f"more{number}", note="x" * 300_000) for number in range(8)))
    portal.read()
    assert len(portal.registered()) == 16


def test_the_role_of_a_reader_reads_and_nothing_else(sandbox: Sandbox) -> None:
    portal = build_portal(sandbox, person("ann"))
    config = open_table(portal.intake)
    with pytest.raises(IntegrationError, match="may not read"), table_errors(config):
        aws.client(config.access, "dynamodb").put_item(TableName=config.table_name, Item={"id": {"S": "x"}})


@pytest.fixture(autouse=True)
def _forget_sessions() -> Iterator[None]:
    """Roles are seeded anew for each test, under the same names."""
    forget: list[Callable[[], None]] = [aws._build_client.cache_clear, aws._build_session.cache_clear]
    yield
    for each in forget:
        each()
