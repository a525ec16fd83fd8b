"""AWS DeepRacer in multi-user mode, over the wire against the sandbox."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from integrations.racing.multi_user.config import MultiUserConfig
from integrations.racing.multi_user.racing import MultiUserRacing
from integrations.racing.protocol import (
    Limits,
    ModelStatus,
    Profile,
    RaceDefinition,
    RaceType,
    RacingService,
    State,
    Timing,
)
from tests.integrations import world
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

# Each look is a call or two, and ten a second are allowed.
POLITE_SECONDS = 0.3


@pytest.fixture
def account(sandbox: Sandbox) -> str:
    """A sponsoring account that no other test has used up the throttle of."""
    account_id = str(uuid.uuid4().int)[:12].rjust(12, "1")
    sandbox.seed(
        multi_user=[{"account_id": account_id}],
        roles=[{"arn": role_of(account_id), "external_id": world.EXTERNAL_ID}],
    )
    return account_id


@pytest.fixture
def racing(account: str) -> RacingService:
    access = AwsAccess(world.REGION, role_of(account), world.EXTERNAL_ID)
    return MultiUserRacing(MultiUserConfig(access, account))


def role_of(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role/paddock"


class Racers:
    """Those who train, by the sandbox's controls."""

    def __init__(self, sandbox: Sandbox, account_id: str) -> None:
        self._sandbox = sandbox
        self._account_id = account_id

    def join(self, *aliases: str) -> list[str]:
        """Their ids."""
        answer = self._do("join", racers=[{"alias": alias} for alias in aliases])
        return [profile["service_id"] for profile in answer["profiles"]]

    def train(self, *racers: str, minutes: int = 60) -> list[bool]:
        """Who may."""
        answer = self._do("train", racers=list(racers), minutes=minutes)
        return [answer[racer]["accepted"] for racer in racers]

    def evaluate(self, *racers: str) -> None:
        answer = self._do("evaluate", racers=list(racers))
        assert all(outcome["accepted"] for outcome in answer.values()), answer

    def submit(self, race: str, results: dict[str, int]) -> None:
        self._do("submit", race=race, results=[{"alias": alias, "time_ms": time} for alias, time in results.items()])

    def advance(self, minutes: int) -> None:
        self._do("advance", minutes=minutes)

    def _do(self, what: str, **body: Any) -> Any:
        return self._sandbox._call("POST", f"/sandbox/racing/{what}", {"account_id": self._account_id, **body})


@pytest.fixture
def racers(sandbox: Sandbox, account: str) -> Racers:
    sandbox.knobs(racing_speed=0)
    return Racers(sandbox, account)


def find(racing: RacingService, service_id: str) -> Profile:
    return racing.find_profiles([service_id])[service_id]


def in_polite_turns(condition: Callable[[], bool]) -> None:
    wait_until(condition, pause=POLITE_SECONDS)


class TestAccount:
    def test_says_who_it_is(self, racing: RacingService, account: str) -> None:
        assert racing.identify() == account

    def test_mode_is_switched(self, racing: RacingService) -> None:
        assert racing.is_active()
        for wanted in (False, False, True, True):
            racing.set_active(wanted)
            assert racing.is_active() is wanted

    def test_nothing_is_taken_for_gone_while_the_mode_is_off(self, racing: RacingService, racers: Racers) -> None:
        assert list(racing.list_profiles()) == [[]]
        (ann,) = racers.join("ann")
        racers.train("ann")
        racing.set_active(active=False)
        looks: list[Callable[[], Any]] = [
            lambda: list(racing.list_profiles()),
            lambda: racing.find_profiles([ann]),
            lambda: racing.list_models(ann),
            lambda: list(racing.list_all_models()),
        ]
        for look in looks:
            with pytest.raises(IntegrationError, match="all the same kept and paid for") as raised:
                look()
            assert raised.value.permanent
        assert isinstance(racing.stop_jobs([ann])[ann], IntegrationError)

    def test_a_refused_role_is_everybodys_outcome(self, account: str) -> None:
        stranger = MultiUserRacing(MultiUserConfig(AwsAccess(world.REGION, role_of(account), "wrong"), account))
        with pytest.raises(IntegrationError, match="sts:ExternalId"):
            stranger.is_active()
        for outcomes in (stranger.pause(["a", "b"]), stranger.stop_jobs(["a", "b"]), stranger.delete_all_models(["a"])):
            assert {type(outcome) for outcome in outcomes.values()} == {IntegrationError}


class TestRacers:
    def test_appear_with_the_services_own_quota(self, racing: RacingService, racers: Racers) -> None:
        ann, bo = racers.join("ann", "bo")
        ((first, second),) = racing.list_profiles()
        assert {first.service_id: first.alias, second.service_id: second.alias} == {ann: "ann", bo: "bo"}
        assert (first.max_minutes, first.used_seconds, first.state) == (300, 0, State.ACTIVE)
        assert first.joined_at is not None
        assert abs(first.joined_at - datetime.now(UTC)) < timedelta(minutes=5)

    def test_come_in_pages_of_a_hundred(self, racing: RacingService, racers: Racers, sandbox: Sandbox) -> None:
        ids = racers.join(*(f"racer-{number}" for number in range(250)))
        assert [len(page) for page in racing.list_profiles()] == [100, 100, 50]
        assert racing.find_profiles([ids[-1], "stranger"]).keys() == {ids[-1]}
        assert sandbox.calls()["deepracer"] == {"AdminListAssociatedUsers": 6}

    def test_use_minutes_while_they_train(self, racing: RacingService, racers: Racers) -> None:
        (ann,) = racers.join("ann")
        racers.train("ann", minutes=60)
        racers.advance(20)
        profile = find(racing, ann)
        assert profile.used_seconds + profile.queued_seconds == 3600
        racers.advance(60)
        profile = find(racing, ann)
        assert (profile.used_seconds, profile.queued_seconds) == (3600, 0)
        assert profile.storage_bytes > 0

    def test_have_limits(self, racing: RacingService, racers: Racers) -> None:
        ann, bo = racers.join("ann", "bo")
        for _ in range(2):
            assert racing.set_limits({ann: Limits(30, 1), bo: Limits(None, None)}) == {ann: None, bo: None}
        assert (find(racing, ann).max_minutes, find(racing, ann).max_models) == (30, 1)
        assert (find(racing, bo).max_minutes, find(racing, bo).max_models) == (None, None)
        assert racers.train("ann", "bo", minutes=60) == [False, True]

    def test_pause_and_resume(self, racing: RacingService, racers: Racers) -> None:
        (ann,) = racers.join("ann")
        for act, state in ((racing.pause, State.PAUSED), (racing.resume, State.ACTIVE), (racing.pause, State.PAUSED)):
            for _ in range(2):
                assert act([ann]) == {ann: None}
            assert find(racing, ann).state is state
            assert racers.train("ann", minutes=10) == [state is State.ACTIVE]

    def test_are_removed(self, racing: RacingService, racers: Racers) -> None:
        (ann,) = racers.join("ann")
        for _ in range(2):
            assert racing.remove_profiles([ann]) == {ann: None}
        assert find(racing, ann).state is State.PAUSED

    def test_a_stranger_does_not_hold_up_the_others(self, racing: RacingService, racers: Racers) -> None:
        ids = racers.join("ann", "bo", "cy")
        outcomes = racing.pause([*ids, "stranger"])
        assert [outcomes[service_id] for service_id in ids] == [None] * 3
        assert {find(racing, service_id).state for service_id in ids} == {State.PAUSED}


class TestModelsAndJobs:
    def test_training_is_stopped(self, racing: RacingService, racers: Racers) -> None:
        ann, bo = racers.join("ann", "bo")
        assert racers.train("ann", "bo") == [True, True]
        racers.advance(5)
        assert racing.stop_jobs([ann]) == {ann: 1}
        racers.advance(2)
        assert racing.stop_jobs([ann, bo]) == {ann: 0, bo: 1}
        assert {found.status for found in racing.list_models(ann)} == {ModelStatus.READY}
        assert find(racing, ann).used_seconds < 600

    def test_waiting_and_evaluating_are_stopped_too(self, racing: RacingService, racers: Racers) -> None:
        crowd = [f"racer-{number}" for number in range(101)]
        ids = racers.join(*crowd)
        assert all(racers.train(*crowd, minutes=60))
        last = ids[-1]
        assert racing.stop_jobs([last]) == {last: 1}
        racers.advance(90)
        racers.evaluate(crowd[0])
        assert racing.list_models(ids[0])[0].status is ModelStatus.WORKING
        outcomes = racing.stop_jobs(ids)
        assert {service_id for service_id, count in outcomes.items() if count} == {ids[0]}

    def test_are_listed_for_one_and_for_all(self, racing: RacingService, racers: Racers) -> None:
        ann, bo = racers.join("ann", "bo")
        racers.train("ann", "bo", minutes=10)
        (working,) = racing.list_models(ann)
        assert (working.profile_id, working.status) == (ann, ModelStatus.WORKING)
        racers.advance(30)
        everybodys = [found for page in racing.list_all_models() for found in page]
        assert {found.profile_id for found in everybodys} == {ann, bo}
        for found in everybodys:
            assert found.status is ModelStatus.READY
            stored = find(racing, found.profile_id).storage_bytes
            assert found.size_bytes == pytest.approx(stored, rel=0.1)

    def test_one_is_deleted(self, racing: RacingService, racers: Racers) -> None:
        (ann,) = racers.join("ann")
        racers.train("ann", minutes=10)
        (busy,) = racing.list_models(ann)
        refused = racing.delete_models([busy])[busy.service_id]
        assert isinstance(refused, IntegrationError)
        assert not refused.permanent
        racers.advance(30)
        assert racing.delete_models([busy]) == {busy.service_id: None}
        in_polite_turns(lambda: not racing.list_models(ann))
        assert racing.delete_models([busy]) == {busy.service_id: None}

    def test_all_of_a_racer_are_deleted(self, racing: RacingService, racers: Racers) -> None:
        ann, bo = racers.join("ann", "bo")
        for _ in range(2):
            racers.train("ann", "bo", minutes=10)
        racers.advance(60)
        assert len(racing.list_models(ann)) == 2
        assert racing.delete_all_models([ann]) == {ann: None}
        in_polite_turns(lambda: not racing.list_models(ann))
        assert find(racing, ann).storage_bytes == 0
        assert len(racing.list_models(bo)) == 2
        assert racing.delete_all_models([ann]) == {ann: None}


class TestRaces:
    def definition(self, racing: RacingService, **changes: Any) -> RaceDefinition:
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "name": "autumn-cup",
            "description": "In the autumn",
            "opens_at": now - timedelta(hours=1),
            "closes_at": now + timedelta(days=1),
            "track": racing.list_tracks()[0].service_id,
            "race_type": RaceType.TIME_TRIAL,
            "timing": Timing.TOTAL_TIME,
            "laps": 3,
            "submissions_per_racer": 5,
        }
        return RaceDefinition(**(values | changes))

    def test_live_from_beginning_to_end(self, racing: RacingService, racers: Racers, sandbox: Sandbox) -> None:
        (ann,) = racers.join("ann")
        assert racing.find_race("autumn-cup") is None
        race = racing.create_race(self.definition(racing))
        assert racing.create_race(self.definition(racing)) == racing.find_race("autumn-cup") == race
        assert sandbox.calls()["deepracer"]["CreateLeaderboard"] == 1
        racers.submit(race, {"guest": 31_000, "ann": 30_500})
        first, guest = [result for page in racing.list_race_results(race) for result in page]
        assert (first.rank, first.alias, first.profile_id, first.time_milliseconds) == (1, "ann", ann, 30_500)
        assert (guest.rank, guest.alias, guest.time_milliseconds) == (2, "guest", 31_000)
        assert guest.profile_id not in racing.find_profiles([guest.profile_id])
        self.close_and_delete(racing, race)

    def close_and_delete(self, racing: RacingService, race: str) -> None:
        for _ in range(2):
            racing.close_race(race, self.definition(racing))
        assert [len(page) for page in racing.list_race_results(race)] == [2]
        for _ in range(2):
            racing.delete_race(race)
        assert racing.find_race("autumn-cup") is None

    @pytest.mark.parametrize("race_type", RaceType)
    @pytest.mark.parametrize("timing", Timing)
    def test_are_edited(self, racing: RacingService, race_type: RaceType, timing: Timing, sandbox: Sandbox) -> None:
        race = racing.create_race(self.definition(racing))
        racing.edit_race(race, self.definition(racing, race_type=race_type, timing=timing, name="winter-cup"))
        assert racing.find_race("winter-cup") == race

    def test_a_race_is_closed_before_it_opens(self, racing: RacingService) -> None:
        later = datetime.now(UTC) + timedelta(days=1)
        definition = self.definition(racing, opens_at=later, closes_at=later + timedelta(days=1))
        race = racing.create_race(definition)
        for _ in range(2):
            racing.close_race(race, definition)

    def test_invitations_are_rotated(self, racing: RacingService) -> None:
        race = racing.create_race(self.definition(racing))
        tokens = {racing.rotate_race_token(race, expires_at=datetime.now(UTC) + timedelta(days=1)) for _ in range(2)}
        assert len(tokens) == 2
        for token in tokens:
            assert racing.race_url(race, token).endswith(f"/deepracer/home#raceToken/{token}")


def test_one_failure_in_ten_holds_nothing_up(racing: RacingService, racers: Racers, sandbox: Sandbox) -> None:
    """As convergence does: what did not succeed is done again, until the service says it is so."""
    ids = racers.join(*(f"racer-{number}" for number in range(150)))
    assert all(racers.train(*(f"racer-{number}" for number in range(5)), minutes=10))
    racers.advance(60)
    sandbox.knobs(failure_rate=0.1)
    wanted = {service_id: Limits(number % 3 * 60, 5) for number, service_id in enumerate(ids)}
    until_all(racing, ids, racing.set_limits, wanted, lambda p: p.max_minutes == wanted[p.service_id].minutes)
    until_all(racing, ids, racing.pause, ids, lambda p: p.state is State.PAUSED)
    until_all(racing, ids, racing.delete_all_models, ids, lambda p: p.storage_bytes == 0)
    in_polite_turns(lambda: set(racing.stop_jobs(ids).values()) == {0})
    sandbox.knobs(failure_rate=0)
    assert not any(page for page in racing.list_all_models())


def until_all(
    racing: RacingService,
    ids: Sequence[str],
    write: Callable[[Any], Mapping[str, object]],
    wanted: Any,
    is_so: Callable[[Profile], bool],
) -> None:
    """The service does not tell who was left out, so the writing goes on until reading back shows nobody."""

    def turn() -> bool:
        write(wanted)
        try:
            return all(is_so(profile) for profile in racing.find_profiles(ids).values())
        except IntegrationError:
            return False

    in_polite_turns(turn)
