"""A deployment of DeepRacer on AWS as one of its administrators sees it through the REST API."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations import aws
from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws import races, sign_in
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig
from integrations.racing.deepracer_on_aws.names import make_service_id
from integrations.racing.deepracer_on_aws.service import DeepRacerOnAws
from integrations.racing.protocol import (
    Limits,
    ModelStatus,
    NewRacer,
    Profile,
    RaceDefinition,
    RaceType,
    State,
    Timing,
)
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

ACCOUNT_ID = "444455556666"
REGION = "eu-west-1"
ROLE = AwsAccess("us-east-1", f"arn:aws:iam::{ACCOUNT_ID}:role/paddock", "droa-external")
ADMIN = "paddock@contoso.example"
PASSWORD = "Right-and-strong-1"
DEPLOYMENT = {
    "account_id": ACCOUNT_ID,
    "region": REGION,
    "namespace": "spring",
    "site_path": "/droa/spring",
    "user_pool_id": "eu-west-1_Spring",
    "client_id": "springclient",
    "identity_pool_id": "eu-west-1:00000000-0000-4000-8000-000000000001",
    "admin_email": ADMIN,
    "admin_password": PASSWORD,
}
NOTHING = Limits(0, 0)


@pytest.fixture
def config(sandbox: Sandbox) -> Iterator[DeepRacerOnAwsConfig]:
    """Both ways in, as to a process that has just started."""
    sandbox.seed(deepracer_on_aws=[DEPLOYMENT], roles=[{"arn": ROLE.role_arn, "external_id": ROLE.external_id}])
    forget()
    yield DeepRacerOnAwsConfig(f"{sandbox.url}/droa/spring/", ADMIN, PASSWORD, ROLE)
    forget()


def forget() -> None:
    sign_in.sign_in.cache_clear()
    sign_in._build_client.cache_clear()


@pytest.fixture
def api(config: DeepRacerOnAwsConfig) -> DeepRacerOnAws:
    return DeepRacerOnAws(replace(config, access=None))


@pytest.fixture
def both(config: DeepRacerOnAwsConfig) -> DeepRacerOnAws:
    return DeepRacerOnAws(config)


def racers(count: int) -> list[NewRacer]:
    names = [f"racer{number}" for number in range(count)]
    return [NewRacer(make_service_id(name), f"{name}@contoso.example", name) for name in names]


def invite_one(api: DeepRacerOnAws, sandbox: Sandbox) -> str:
    """Somebody who has signed in and may train."""
    (profile,) = invite(api, 1).values()
    join(sandbox, *racers(1))
    assert api.set_limits({profile.service_id: Limits(1000, 10)}) == {profile.service_id: None}
    return profile.service_id


def invite(api: DeepRacerOnAws, count: int) -> dict[str, Profile]:
    """By address."""
    invited = racers(count)
    assert set(api.create_profiles(invited).values()) == {None}
    return {p.email: p for page in api.list_profiles() for p in page if p.email != ADMIN}


def choose_password(racer: NewRacer) -> None:
    """As the racer does at the first sign-in."""
    cognito = aws.client(replace(ROLE, region=REGION), "cognito-idp")
    cognito.admin_set_user_password(
        UserPoolId=DEPLOYMENT["user_pool_id"], Username=racer.service_id, Password=PASSWORD, Permanent=True
    )


def join(sandbox: Sandbox, *wanted: NewRacer) -> None:
    """They sign in for the first time."""
    entries = [{"alias": racer.alias, "email": racer.email} for racer in wanted]
    sandbox.race("join", account_id=ACCOUNT_ID, racers=entries)


def train(sandbox: Sandbox, *service_ids: str, minutes: int = 60, **more: Any) -> dict[str, Any]:
    outcomes: dict[str, Any] = sandbox.race(
        "train", account_id=ACCOUNT_ID, racers=list(service_ids), minutes=minutes, **more
    )
    assert all(outcome["accepted"] for outcome in outcomes.values()), outcomes
    return outcomes


def advance(sandbox: Sandbox, minutes: int) -> None:
    sandbox.race("advance", minutes=minutes)


class TestProfiles:
    def test_invites_and_finds_those_who_were_invited(self, api: DeepRacerOnAws, sandbox: Sandbox) -> None:
        assert api.capabilities.invites
        assert not api.capabilities.creates_profiles
        found = invite(api, 3)
        ann = found["racer0@contoso.example"]
        assert len(ann.service_id) == 15
        assert (ann.alias, ann.state, ann.model_count, ann.storage_bytes) == ("RacerAlias", State.ACTIVE, 0, 0)
        assert (ann.max_minutes, ann.max_models, ann.used_seconds, ann.queued_seconds) == (0, 0, 0, 0)
        assert ann.joined_at is not None
        assert datetime.now(UTC) - ann.joined_at < timedelta(hours=1)
        assert len(sandbox.mailbox(to="racer0@contoso.example")) == 1

    def test_inviting_again_is_success_and_mails_nobody(self, api: DeepRacerOnAws, sandbox: Sandbox) -> None:
        assert invite(api, 2) == invite(api, 2)
        assert len(sandbox.mailbox(to="racer1@contoso.example")) == 1
        assert sandbox.calls()["droa"]["UpdateGlobalSetting"] == 1

    def test_an_address_that_the_service_refuses_harms_nobody_else(self, api: DeepRacerOnAws) -> None:
        good, bad = racers(2)
        outcomes = api.create_profiles([replace(bad, email="ann@contoso"), good])
        assert outcomes[good.email] is None
        error = outcomes["ann@contoso"]
        assert error is not None
        assert error.permanent
        assert "another" in error.message

    def test_reads_all_pages_and_finds_some(self, api: DeepRacerOnAws, both: DeepRacerOnAws) -> None:
        """The role makes many racers without a mail each."""
        assert set(both.create_profiles(racers(105)).values()) == {None}
        pages = list(api.list_profiles())
        assert [len(page) for page in pages] == [100, 6]
        last = pages[-1][-1]
        assert api.find_profiles([last.service_id, "nobody123456789"]) == {last.service_id: last}
        assert api.find_profiles([]) == {}

    def test_limits(self, api: DeepRacerOnAws) -> None:
        first, second = sorted(p.service_id for p in invite(api, 2).values())
        limits = {first: Limits(300, 5), second: Limits(None, None)}
        assert api.set_limits(limits) == {first: None, second: None}
        found = api.find_profiles([first, second])
        assert {i: Limits(p.max_minutes, p.max_models) for i, p in found.items()} == limits

    def test_limits_of_nobody(self, api: DeepRacerOnAws) -> None:
        error = api.set_limits({"nobody123456789": Limits(1, 1)})["nobody123456789"]
        assert error is not None
        assert (error.permanent, error.code) == (True, "NotFoundError")

    def test_usage_moves_when_a_job_ends(self, api: DeepRacerOnAws, sandbox: Sandbox) -> None:
        assert not api.capabilities.counts_while_running
        racer = invite_one(api, sandbox)
        train(sandbox, racer, minutes=60)
        advance(sandbox, 30)
        running = api.find_profiles([racer])[racer]
        assert (running.used_seconds, running.queued_seconds, running.model_count) == (0, 3600, 1)
        advance(sandbox, 40)
        ended = api.find_profiles([racer])[racer]
        assert (ended.used_seconds, ended.queued_seconds) == (3600, 0)
        assert ended.storage_bytes > 0

    def test_deletes_and_deletes_again(self, api: DeepRacerOnAws) -> None:
        assert api.capabilities.deletes_profiles
        first, second = sorted(p.service_id for p in invite(api, 2).values())
        for _ in range(2):
            assert api.remove_profiles([first, second]) == {first: None, second: None}
            assert api.find_profiles([first, second]) == {}

    def test_identifies_and_answers(self, api: DeepRacerOnAws, both: DeepRacerOnAws) -> None:
        assert (api.identify(), both.identify()) == ("", ACCOUNT_ID)
        assert api.is_active()

    def test_a_racer_is_no_administrator(
        self, config: DeepRacerOnAwsConfig, both: DeepRacerOnAws, api: DeepRacerOnAws
    ) -> None:
        (racer,) = racers(1)
        both.create_profiles([racer])
        choose_password(racer)
        wrong = DeepRacerOnAws(replace(config, admin_email=racer.email, access=None))
        with pytest.raises(IntegrationError, match="group dr-admins") as caught:
            wrong.identify()
        assert caught.value.permanent
        error = wrong.set_limits({"nobody123456789": Limits(None, None)})["nobody123456789"]
        assert error is not None
        assert "group dr-admins" in error.message
        with pytest.raises(IntegrationError, match="group dr-admins"):
            wrong.fail_closed()


class TestModels:
    def test_lists_and_deletes_models(self, api: DeepRacerOnAws, sandbox: Sandbox) -> None:
        racer = invite_one(api, sandbox)
        idle = invite(api, 2)["racer1@contoso.example"].service_id
        train(sandbox, racer, minutes=60, model="first")
        advance(sandbox, 70)
        train(sandbox, racer, minutes=60, model="second")
        advance(sandbox, 5)
        models = {model.name: model for model in api.list_models(racer)}
        assert {name: model.status for name, model in models.items()} == {
            "first": ModelStatus.READY,
            "second": ModelStatus.WORKING,
        }
        assert models["first"].profile_id == racer
        assert models["first"].size_bytes is None
        assert models["first"].created_at is not None
        assert sorted(m.name for page in api.list_all_models() for m in page) == ["first", "second"]
        assert sandbox.calls()["droa"]["ListModelsForProfile"] == 2
        assert api.delete_all_models([racer, idle]) == {racer: None, idle: None}
        wait_until(lambda: not api.list_models(racer))

    def test_deletes_no_single_model(self, api: DeepRacerOnAws, sandbox: Sandbox) -> None:
        assert not api.capabilities.deletes_single_models
        racer = invite_one(api, sandbox)
        train(sandbox, racer)
        models = api.list_models(racer)
        (error,) = api.delete_models(models).values()
        assert error is not None
        assert error.permanent
        assert api.list_models(racer) == models


def definition(**changes: Any) -> RaceDefinition:
    now = datetime.now(UTC)
    wanted = RaceDefinition(
        name="spring-final",
        description="",
        opens_at=now + timedelta(hours=1),
        closes_at=now + timedelta(hours=3),
        track="reinvent_base",
        race_type=RaceType.TIME_TRIAL,
        timing=Timing.TOTAL_TIME,
        laps=3,
        submissions_per_racer=50,
    )
    return replace(wanted, **changes)


def open_race(**changes: Any) -> RaceDefinition:
    return definition(opens_at=datetime.now(UTC) - timedelta(hours=1), **changes)


class TestRaces:
    def test_creates_once_and_edits_before_opening(self, api: DeepRacerOnAws, sandbox: Sandbox) -> None:
        assert api.capabilities.manages_races
        assert api.find_race("spring-final") is None
        race = api.create_race(definition())
        assert api.create_race(definition()) == race == api.find_race("spring-final")
        api.edit_race(race, definition(laps=5, timing=Timing.BEST_LAP))
        seen = api.see_race(race)
        assert seen is not None
        assert (seen.name, seen.laps, seen.timing, seen.track) == ("spring-final", 5, Timing.BEST_LAP, "reinvent_base")
        assert (seen.race_type, seen.submissions_per_racer) == (RaceType.TIME_TRIAL, 50)
        assert api.race_url(race, "") == f"{sandbox.url}/droa/spring/races/{race}"

    @pytest.mark.parametrize("track", ["reInvent2019_wide", "2022_july_open"])
    @pytest.mark.parametrize("race_type", list(RaceType))
    @pytest.mark.parametrize("timing", list(Timing))
    def test_every_kind_of_race_is_taken(
        self, api: DeepRacerOnAws, track: str, race_type: RaceType, timing: Timing
    ) -> None:
        assert api.create_race(definition(track=track, race_type=race_type, timing=timing))

    def test_finds_among_many(self, api: DeepRacerOnAws) -> None:
        body = races._to_body(definition())
        for number in range(101):
            api._rest.call("POST", "/leaderboards", body={"leaderboardDefinition": body | {"name": f"race{number}"}})
        assert {api.find_race(f"race{number}") for number in (0, 100)} & {None} == set()

    def test_an_open_race_stays_as_it_is(self, api: DeepRacerOnAws) -> None:
        race = api.create_race(open_race())
        with pytest.raises(IntegrationError, match="until it opens") as caught:
            api.edit_race(race, definition())
        assert caught.value.permanent
        with pytest.raises(IntegrationError, match="ends by itself") as caught:
            api.close_race(race, definition())
        assert caught.value.permanent
        with pytest.raises(IntegrationError, match="while it is open") as caught:
            api.delete_race(race)
        assert not caught.value.permanent

    def test_closes_before_opening_and_when_over(self, api: DeepRacerOnAws) -> None:
        race = api.create_race(definition())
        for _ in range(2):
            api.close_race(race, definition())
        with pytest.raises(IntegrationError, match="has opened"):
            api.edit_race(race, definition())

    def test_deletes_and_deletes_again(self, api: DeepRacerOnAws) -> None:
        race = api.create_race(definition())
        for _ in range(2):
            api.delete_race(race)
        assert api.find_race("spring-final") is None
        assert api.see_race(race) is None

    def test_times_in_the_wrong_order_are_explained(self, api: DeepRacerOnAws) -> None:
        with pytest.raises(IntegrationError, match="Correct its times"):
            api.create_race(definition(closes_at=datetime.now(UTC)))

    def test_reads_results(self, api: DeepRacerOnAws, both: DeepRacerOnAws, sandbox: Sandbox) -> None:
        entered = racers(3)
        both.create_profiles(entered)
        race = api.create_race(open_race())
        assert list(api.list_race_results(race)) == [[]]
        results = [{"alias": racer.alias, "time_ms": 30_000 - number} for number, racer in enumerate(entered)]
        sandbox.race("submit", account_id=ACCOUNT_ID, race=race, results=results)
        (page,) = api.list_race_results(race)
        assert [(r.rank, r.alias, r.time_milliseconds) for r in page] == [
            (1, "racer2", 29_998),
            (2, "racer1", 29_999),
            (3, "racer0", 30_000),
        ]
        assert {(r.profile_id, r.submissions) for r in page} == {("", 1)}
        assert all(r.submitted_at for r in page)


class TestFaults:
    def test_a_service_that_fails_now_and_then_is_brought_to_an_end(
        self, api: DeepRacerOnAws, both: DeepRacerOnAws, sandbox: Sandbox
    ) -> None:
        """Every call may be made again, until nobody is left."""
        wanted = {racer.service_id: racer for racer in racers(30)}
        sandbox.knobs(failure_rate=0.2)
        converge(wanted, lambda left: both.create_profiles([wanted[item] for item in left]))
        converge(wanted, lambda left: api.set_limits(dict.fromkeys(left, Limits(60, 3))))
        sandbox.knobs(failure_rate=0)
        found = api.find_profiles([*wanted])
        assert found.keys() == wanted.keys()
        assert {Limits(p.max_minutes, p.max_models) for p in found.values()} == {Limits(60, 3)}
        assert {p.alias for p in found.values()} == {racer.alias for racer in wanted.values()}
        sandbox.knobs(failure_rate=0.2)
        for _ in range(5):
            assert api.find_profiles([*wanted]) == found
        converge(wanted, both.remove_profiles)
        sandbox.knobs(failure_rate=0)
        assert api.find_profiles([*wanted]) == {}


def converge(items: Iterable[str], work: Callable[[list[str]], dict[str, IntegrationError | None]]) -> None:
    """Calls again for those who are left; nobody may fail for good."""
    left = [*items]

    def call_again() -> bool:
        outcomes = work(left)
        assert not [error for error in outcomes.values() if error and error.permanent]
        left[:] = [item for item, error in outcomes.items() if error]
        return not left

    wait_until(call_again)
