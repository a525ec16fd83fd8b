"""The racing clock, jobs in the order of time, and minutes that are neither made nor lost."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sandbox.racing.accounts import Account, JobStatus
from integrations.sandbox.racing.admission import JobRefused, start_training
from integrations.sandbox.racing.clock import Clock, Moment
from integrations.sandbox.racing.jobs import JobNotActive, run_jobs, stop_job
from integrations.sandbox.racing.profiles import put_profile, reset_month
from integrations.sandbox.racing.rules import Kind
from tests.sandbox.deepracer import ACCOUNT, Racers
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until


@pytest.fixture
def racers(sandbox: Sandbox) -> Racers:
    sandbox.seed(multi_user=[{"account_id": ACCOUNT}])
    sandbox.knobs(racing_speed=0)
    return Racers(sandbox)


def test_time_passes_at_the_speed_of_the_knob() -> None:
    clock = Clock(_racing=0.0, _real=1000.0)
    assert clock.tick(real=1010.0, speed=1) == Moment(10, 1010.0)
    assert clock.tick(real=1020.0, speed=60) == Moment(610, 1020.0)
    assert clock.tick(real=1030.0, speed=0) == Moment(610, 1030.0)
    clock.advance(seconds=60)
    clock.resume(real=9000.0)
    assert clock.tick(real=9000.0, speed=1) == Moment(670, 9000.0)


def test_a_training_ends_by_itself_in_real_time(sandbox: Sandbox, racers: Racers) -> None:
    racers.join("Ada")
    racers.train("Ada", minutes=60)
    sandbox.knobs(racing_speed=60 * 60 * 10)
    wait_until(lambda: racers.report()["jobs"][0]["status"] == "COMPLETED")
    assert racers.profile("Ada")["used_seconds"] == 3600


def test_a_change_of_speed_does_not_change_what_has_passed(sandbox: Sandbox, racers: Racers) -> None:
    before = racers.report()["now"]["racing"]
    sandbox.knobs(racing_speed=100_000)
    sandbox.knobs(racing_speed=0)
    after = racers.report()["now"]["racing"]
    sandbox.knobs(racing_speed=1)
    assert before <= after < before + 100_000 * 10
    assert racers.report()["now"]["racing"] < after + 60


def test_waiting_jobs_begin_when_others_end(sandbox: Sandbox, racers: Racers) -> None:
    racers.join(*[f"racer-{number}" for number in range(120)])
    racers.train(*[f"racer-{number}" for number in range(120)], minutes=30)
    statuses = [job["status"] for job in racers.report()["jobs"]]
    assert (statuses.count("INITIALIZING"), statuses.count("QUEUED")) == (100, 20)
    racers.advance(45)
    jobs = racers.report()["jobs"]
    assert sum(job["status"] == "COMPLETED" for job in jobs) == 100
    waited = [job for job in jobs if job["status"] == "IN_PROGRESS"]
    assert {job["started_at"] - job["queued_at"] for job in waited} == {30 * 60}
    assert {profile["used_seconds"] for profile in racers.report()["profiles"]} == {30 * 60, 15 * 60}
    assert {profile["queued_seconds"] for profile in racers.report()["profiles"]} == {0, 15 * 60}


def test_racers_train_by_themselves_within_their_quota(sandbox: Sandbox, racers: Racers) -> None:
    racers.join(*[f"racer-{number}" for number in range(30)])
    racers.advance(60)
    assert racers.report()["jobs"] == []
    sandbox.knobs(racers_train=True)
    racers.advance(60)
    first = racers.report()
    assert 0 < sum(profile["used_seconds"] for profile in first["profiles"]) < 30 * 60 * 60
    assert {20 * 60 <= job["requested_seconds"] <= 60 * 60 for job in first["jobs"]} == {True}
    racers.advance(3 * 24 * 60)
    used = [profile["used_seconds"] for profile in racers.report()["profiles"]]
    assert all(300 * 60 - 60 * 60 < seconds <= 300 * 60 for seconds in used)


def test_time_stands_still_while_the_sandbox_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.state"
    with Sandbox(state=path) as first:
        first.seed(multi_user=[{"account_id": ACCOUNT}])
        first.knobs(racing_speed=0)
        racers = Racers(first)
        racers.join("Ada")
        racers.train("Ada")
        racers.advance(10)
        before = racers.report()
    with Sandbox(state=path) as second:
        after = Racers(second).report()
        assert {**after, "now": {}} == {**before, "now": {}}
        assert after["now"]["racing"] == before["now"]["racing"]


@pytest.mark.parametrize(
    ("control", "body", "complaint"),
    [
        ("join", {"racers": [{"alias": "not a name"}]}, "not a name"),
        ("join", {"racers": ["Ada"]}, "racers"),
        ("join", {"racers": [{"email": "ada@contoso.example"}]}, "alias"),
        ("train", {"racers": [{"alias": "Ada"}]}, "racers"),
        ("join", {}, "racers"),
        ("train", {"racers": ["Ada"], "minutes": 0}, "minutes"),
        ("advance", {"minutes": -1}, "minutes"),
        ("submit", {"race": "unknown", "results": []}, "race"),
        ("submit", {"race": "unknown", "results": [{"alias": "Ada"}]}, "time_ms"),
        ("train", {"account_id": "999999999999", "racers": []}, "999999999999"),
    ],
)
def test_a_wrong_control_is_explained(racers: Racers, control: str, body: dict[str, Any], complaint: str) -> None:
    answer = racers.post(control, **body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("train"), st.integers(0, 3), st.integers(1, 90)),
        st.tuples(st.just("stop"), st.integers(0, 20), st.just(0)),
        st.tuples(st.just("advance"), st.integers(1, 4000), st.just(0)),
        st.tuples(st.just("limit"), st.integers(0, 3), st.integers(0, 600)),
    ),
    max_size=40,
)


@given(kind=st.sampled_from(Kind), steps=_STEPS)
def test_minutes_are_neither_made_nor_lost(kind: Kind, steps: list[tuple[str, int, int]]) -> None:
    account = Account(ACCOUNT, "us-east-1", kind, job_limit=2)
    now = Moment(0, 0.0)
    racers = [put_profile(account, alias=f"racer-{number}", moment=now) for number in range(4)]
    for step, which, minutes in steps:
        if step == "advance":
            now = Moment(now.racing + which, 0.0)
            run_jobs(account, until=now.racing)
        else:
            change(account, step, which, minutes, now)
        check_minutes(account)
    run_jobs(account, until=now.racing + 10**7)
    check_minutes(account)
    leaked = sum(job.requested_seconds for job in account.jobs.values() if job.status is JobStatus.CANCELED)
    expected = leaked if kind is Kind.ON_AWS else 0
    assert sum(profile.queued_seconds for profile in racers) == expected


def change(account: Account, step: str, which: int, minutes: int, now: Moment) -> None:
    profiles, jobs = list(account.profiles.values()), list(account.jobs.values())
    try:
        if step == "train":
            name = f"model-{len(jobs)}"
            start_training(account, profiles[which], name=name, minutes=minutes, moment=now)
        elif step == "limit":
            profiles[which].max_minutes = minutes
        elif jobs:
            stop_job(account, jobs[which % len(jobs)], moment=now)
    except (JobRefused, JobNotActive):
        pass


def check_minutes(account: Account) -> None:
    for profile in account.profiles.values():
        jobs = [job for job in account.jobs.values() if job.profile_id == profile.service_id]
        assert profile.used_seconds == sum(job.charged_seconds for job in jobs)
        assert all(0 <= job.charged_seconds <= job.requested_seconds for job in jobs)
        assert profile.used_seconds >= 0
        assert profile.queued_seconds >= sum(
            job.requested_seconds - job.charged_seconds for job in jobs if job.is_active
        )


def test_the_month_begins_with_nothing_used_and_leaks_stay() -> None:
    account = Account(ACCOUNT, "us-east-1", Kind.ON_AWS, job_limit=1)
    now = Moment(0, 0.0)
    profile = put_profile(account, alias="Ada", moment=now)
    start_training(account, profile, name="first", minutes=30, moment=now)
    waiting = start_training(account, profile, name="second", minutes=20, moment=now)
    stop_job(account, account.jobs[waiting.job_ids[0]], moment=now)
    run_jobs(account, until=10 * 60)
    assert (profile.used_seconds, profile.queued_seconds) == (0, 50 * 60)
    run_jobs(account, until=30 * 60)
    assert (profile.used_seconds, profile.queued_seconds, profile.created_models) == (30 * 60, 20 * 60, 2)
    reset_month(account)
    assert (profile.used_seconds, profile.queued_seconds, profile.created_models) == (0, 20 * 60, 0)
