"""What goes over the wire to AWS DeepRacer in multi-user mode, and what is made of its answers."""

import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import aws, throttle
from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from integrations.racing.multi_user.client import DEEPRACER
from integrations.racing.multi_user.config import MultiUserConfig
from integrations.racing.multi_user.management import BATCH_SIZE, batches_of_equal_limits
from integrations.racing.multi_user.moments import from_milliseconds, to_milliseconds
from integrations.racing.multi_user.quotas import UNLIMITED_MINUTES, UNLIMITED_MODELS
from integrations.racing.multi_user.racing import MultiUserRacing
from integrations.racing.multi_user.trained_models import GIGABYTE
from integrations.racing.protocol import (
    Limits,
    ModelStatus,
    NewRacer,
    Profile,
    RaceResult,
    RaceType,
    RacingService,
    State,
    Timing,
    Track,
    TrainedModel,
)
from tests.integrations.conftest import forget_everything
from tests.integrations.multi_user_wire import (
    ACCOUNT_ID,
    DEFINITION,
    EVALUATION,
    JOINED,
    MODEL,
    RACE,
    TRACK,
    Refusal,
    Wire,
    evaluation,
    model,
    racing,
    resources,
    user,
    wire,
)
from tests.support.waiting import wait_until

__all__ = ["racing", "wire"]  # fixtures


GONE = Refusal("ResourceDoesNotExistException")
DENIED = Refusal("CustomerAuthorizationFailedException")
TROUBLE = Refusal("ServiceException")


def trained(name: str, status: ModelStatus = ModelStatus.READY) -> TrainedModel:
    return TrainedModel(f"{MODEL}/{name}", "user-1", name, status, None, None)


def codes(outcomes: dict[str, Any]) -> dict[str, str]:
    """Of those who were refused."""
    return {key: outcome.code for key, outcome in outcomes.items() if isinstance(outcome, IntegrationError)}


class TestRequest:
    def test_is_signed_for_the_service_in_its_only_region(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminGetAccountConfig", {"MultiracerConfig": {"MultiracerModeEnabled": True}})
        assert racing.is_active()
        (call,) = wire.calls
        assert call.headers["X-Amz-Target"] == "AwsSilverstoneCloudService.AdminGetAccountConfig"
        assert call.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert "/us-east-1/deepracer/aws4_request" in call.headers["Authorization"]
        assert call.body == {}

    def test_without_an_endpoint_of_ours_goes_to_aws(
        self, racing: MultiUserRacing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        forget_everything()
        client = aws.client(racing._client.access, "deepracer")
        assert client.meta.endpoint_url == "https://deepracer-prod.us-east-1.amazonaws.com"
        forget_everything()

    def test_switches_the_mode(self, wire: Wire, racing: RacingService) -> None:
        racing.set_active(active=False)
        assert wire.bodies("AdminSetAccountConfig") == [{"MultiracerConfig": {"MultiracerModeEnabled": False}}]

    def test_waits_for_its_turn(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminGetAccountConfig", {"MultiracerConfig": {"MultiracerModeEnabled": True}})
        started = datetime.now(UTC)
        for _ in range(DEEPRACER.amount + 1):
            racing.is_active()
        assert datetime.now(UTC) - started >= timedelta(seconds=1)


class TestProfiles:
    def test_are_read_in_pages(self, wire: Wire, racing: RacingService) -> None:
        wire.answer(
            "AdminListAssociatedUsers",
            {"AssociatedUsers": [user(1)], "NextToken": "bmV4dA=="},
            {"AssociatedUsers": []},
        )
        first, second = racing.list_profiles()
        assert first == [
            Profile(
                service_id="user-1",
                alias="racer-1",
                email="",
                used_seconds=720,
                queued_seconds=180,
                max_minutes=300,
                max_models=10,
                model_count=None,
                storage_bytes=4096,
                state=State.ACTIVE,
                joined_at=datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC),
            )
        ]
        assert second == []
        assert wire.bodies("AdminListAssociatedUsers") == [
            {"MaxResults": 100},
            {"MaxResults": 100, "NextToken": "bmV4dA=="},
        ]

    def test_are_found_without_reading_on(self, wire: Wire, racing: RacingService) -> None:
        pages = [{"AssociatedUsers": [user(number)], "NextToken": "YQ=="} for number in range(9)]
        wire.answer("AdminListAssociatedUsers", *pages)
        assert racing.find_profiles(["user-1", "user-1"]).keys() == {"user-1"}
        assert len(wire.calls) == 2
        assert racing.find_profiles([]) == {}
        assert len(wire.calls) == 2

    def test_who_is_unknown_is_left_out(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminListAssociatedUsers", {"AssociatedUsers": [user(1)]})
        assert racing.find_profiles(["user-1", "nobody"]).keys() == {"user-1"}

    @pytest.mark.parametrize("state", ["RESTRICTED", "DISABLED", "SOMETHING_NEW"])
    def test_any_state_but_active_is_a_pause(self, wire: Wire, racing: RacingService, state: str) -> None:
        wire.answer("AdminListAssociatedUsers", {"AssociatedUsers": [user(1, UserState=state)]})
        assert racing.find_profiles(["user-1"])["user-1"].state is State.PAUSED

    def test_a_page_that_fails_is_read_again(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminListAssociatedUsers", TROUBLE, Refusal("Whatever", 503), {"AssociatedUsers": [user(1)]})
        assert [len(page) for page in racing.list_profiles()] == [1]

    def test_cannot_be_made(self, wire: Wire, racing: RacingService) -> None:
        made = racing.create_profiles([NewRacer("user-1", "ann@contoso.example", "ann")])
        assert codes(made) == codes(racing.set_passwords({"user-1": "word"})) == {"user-1": "Unsupported"}
        assert wire.calls == []


class TestManagement:
    def test_racers_of_equal_limits_share_a_call(self, wire: Wire, racing: RacingService) -> None:
        wanted = {"user-1": Limits(300, 5), "user-2": Limits(None, None), "user-3": Limits(300, 5)}
        assert racing.set_limits(wanted) == dict.fromkeys(wanted)
        assert wire.bodies("AdminManageUser") == [
            {
                "UserIds": ["user-1", "user-3"],
                "Action": "SET_LIMITS",
                "Limits": {"MaxComputeMinutes": 300, "MaxModels": 5},
            },
            {
                "UserIds": ["user-2"],
                "Action": "SET_LIMITS",
                "Limits": {"MaxComputeMinutes": UNLIMITED_MINUTES, "MaxModels": UNLIMITED_MODELS},
            },
        ]

    def test_a_quota_of_nothing_is_written(self, wire: Wire, racing: RacingService) -> None:
        racing.set_limits({"user-1": Limits(0, 0)})
        assert wire.bodies("AdminManageUser")[0]["Limits"] == {"MaxComputeMinutes": 0, "MaxModels": 0}

    def test_no_limit_is_read_back_as_none(self, wire: Wire, racing: RacingService) -> None:
        unlimited = user(1, MaxTotalComputeMinutes=UNLIMITED_MINUTES, MaxModels=UNLIMITED_MODELS)
        wire.answer("AdminListAssociatedUsers", {"AssociatedUsers": [unlimited]})
        found = racing.find_profiles(["user-1"])["user-1"]
        assert (found.max_minutes, found.max_models) == (None, None)

    @given(
        st.dictionaries(
            st.integers(0, 10_000).map(str),
            st.builds(Limits, st.sampled_from([None, 0, 60, 300]), st.sampled_from([None, 5])),
            max_size=700,
        )
    )
    def test_everybody_is_in_one_batch(self, wanted: dict[str, Limits]) -> None:
        batches = list(batches_of_equal_limits(wanted))
        everybody = Counter(user_id for batch in batches for user_id in batch.user_ids)
        assert everybody == Counter(wanted.keys())
        assert all(0 < len(batch.user_ids) <= BATCH_SIZE for batch in batches)
        assert all(wanted[user_id] == batch.limits for batch in batches for user_id in batch.user_ids)
        sizes = Counter(wanted.values()).values()
        assert len(batches) == sum(-(-size // BATCH_SIZE) for size in sizes)

    @pytest.mark.parametrize(
        ("method", "action"),
        [
            ("pause", "RESTRICT"),
            ("resume", "ENABLE"),
            ("remove_profiles", "DISABLE"),
            ("delete_all_models", "DELETE_RESOURCES"),
        ],
    )
    def test_acts_on_a_hundred_at_a_time(self, wire: Wire, racing: RacingService, method: str, action: str) -> None:
        everybody = [f"user-{number}" for number in range(250)]
        assert getattr(racing, method)([*everybody, "user-0"]) == dict.fromkeys(everybody)
        bodies = wire.bodies("AdminManageUser")
        assert [len(body["UserIds"]) for body in bodies] == [100, 100, 50]
        assert [user_id for body in bodies for user_id in body["UserIds"]] == everybody
        assert all(body.keys() == {"UserIds", "Action"} and body["Action"] == action for body in bodies)

    def test_a_refused_batch_is_everybodys_outcome(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminManageUser", {}, TROUBLE, {})
        outcomes = racing.pause([f"user-{number}" for number in range(300)])
        assert codes(outcomes) == {f"user-{number}": "ServiceException" for number in range(100, 200)}
        assert outcomes["user-299"] is None

    def test_a_refused_credential_is_everybodys_after_one_call(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminManageUser", DENIED)
        outcomes = racing.set_limits({f"user-{number}": Limits(number, None) for number in range(300)})
        assert set(codes(outcomes).values()) == {DENIED.code}
        assert len(outcomes) == 300
        assert len(wire.calls) == 1

    def test_gives_up_on_a_service_that_keeps_failing(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminManageUser", TROUBLE)
        outcomes = racing.pause([f"user-{number}" for number in range(1000)])
        assert len(codes(outcomes)) == 1000
        assert len(wire.calls) == 3

    def test_one_who_is_gone_does_not_hold_up_the_others(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminManageUser", GONE, {}, GONE, {}, GONE)
        outcomes = racing.pause(["user-1", "user-2", "user-3", "gone"])
        assert codes(outcomes) == {"gone": GONE.code}
        wire.answer("AdminManageUser", GONE)
        assert racing.remove_profiles(["gone"]) == {"gone": None}
        assert racing.delete_all_models(["gone"]) == {"gone": None}


class TestModels:
    def test_of_one_racer(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminListAssociatedResources", resources("user-1", model("one", ModelSizeInGb=0.5), model("two")))
        one, two = racing.list_models("user-1")
        assert one == TrainedModel(
            service_id=f"{MODEL}/one",
            profile_id="user-1",
            name="one",
            status=ModelStatus.READY,
            size_bytes=GIGABYTE // 2,
            created_at=from_milliseconds(JOINED),
        )
        assert two.size_bytes is None
        assert wire.bodies("AdminListAssociatedResources") == [{"MaxResults": 100, "UserId": "user-1"}]

    def test_of_everybody(self, wire: Wire, racing: RacingService) -> None:
        wire.answer(
            "AdminListAssociatedResources",
            resources("user-1", model("one"), NextToken="YQ=="),
            resources("user-2", model("two")),
        )
        owners = [[found.profile_id for found in page] for page in racing.list_all_models()]
        assert owners == [["user-1"], ["user-2"]]
        assert wire.bodies("AdminListAssociatedResources") == [
            {"MaxResults": 100},
            {"MaxResults": 100, "NextToken": "YQ=="},
        ]

    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [
            ("READY", ModelStatus.READY),
            ("TRAINING", ModelStatus.WORKING),
            ("CREATED", ModelStatus.WORKING),
            ("STOPPING", ModelStatus.WORKING),
            ("ERROR", ModelStatus.FAILED),
            ("IMPORT_ERROR", ModelStatus.FAILED),
            ("DELETING", ModelStatus.DELETING),
            ("SOMETHING_NEW", ModelStatus.WORKING),
        ],
    )
    def test_status(self, wire: Wire, racing: RacingService, theirs: str, ours: ModelStatus) -> None:
        wire.answer("AdminListAssociatedResources", resources("user-1", model("one", theirs)))
        assert racing.list_models("user-1")[0].status is ours

    def test_are_deleted_one_by_one(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("DeleteModel", {}, GONE, Refusal("ResourceInUseException"), {})
        outcomes = racing.delete_models([trained(name) for name in ("one", "gone", "busy", "four")])
        assert codes(outcomes) == {f"{MODEL}/busy": "ResourceInUseException"}
        assert not outcomes[f"{MODEL}/busy"].permanent
        assert wire.bodies("DeleteModel")[0] == {"ModelArn": f"{MODEL}/one"}


class TestStoppingJobs:
    def test_stops_training_by_model_and_evaluation_by_job(self, wire: Wire, racing: RacingService) -> None:
        models = [model("a", "TRAINING"), model("b", "EVALUATING"), model("c"), model("d", "STOPPING")]
        wire.answer("AdminListAssociatedResources", resources("user-1", *models))
        jobs = [evaluation("old", "COMPLETED"), evaluation("running", "IN_PROGRESS"), evaluation("new", "CREATED")]
        wire.answer("ListEvaluations", {"EvaluationJobs": jobs})
        assert racing.stop_jobs(["user-1"]) == {"user-1": 3}
        assert wire.bodies("StopTrainingReinforcementLearningModel") == [{"ModelArn": f"{MODEL}/a"}]
        assert wire.bodies("ListEvaluations") == [{"MaxResults": 100, "ModelArn": f"{MODEL}/b"}]
        assert wire.bodies("StopEvaluation") == [
            {"EvaluationJobArn": f"{EVALUATION}/running"},
            {"EvaluationJobArn": f"{EVALUATION}/new"},
        ]

    def test_what_ended_meanwhile_is_fine(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminListAssociatedResources", resources("user-1", model("a", "TRAINING"), model("b", "CREATED")))
        wire.answer("StopTrainingReinforcementLearningModel", Refusal("JobNotActiveException"), GONE)
        assert racing.stop_jobs(["user-1"]) == {"user-1": 0}

    def test_a_model_that_waits_for_an_evaluation(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminListAssociatedResources", resources("user-1", model("a", "CREATED")))
        wire.answer("StopTrainingReinforcementLearningModel", Refusal("JobNotActiveException"))
        wire.answer("ListEvaluations", {"EvaluationJobs": [evaluation("waiting", "CREATED")]})
        assert racing.stop_jobs(["user-1"]) == {"user-1": 1}
        assert wire.bodies("StopEvaluation") == [{"EvaluationJobArn": f"{EVALUATION}/waiting"}]

    def test_who_is_gone_has_nothing_to_stop(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminListAssociatedResources", GONE)
        assert racing.stop_jobs(["gone"]) == {"gone": 0}

    def test_reads_everybody_at_once_for_many(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("AdminListAssociatedResources", resources("user-7", model("a", "TRAINING")))
        outcomes = racing.stop_jobs([f"user-{number}" for number in range(50)])
        assert outcomes == {f"user-{number}": int(number == 7) for number in range(50)}
        assert wire.operations() == ["AdminListAssociatedResources", "StopTrainingReinforcementLearningModel"]

    @pytest.mark.parametrize("count", [1, 50])
    def test_a_refusal_is_a_value(self, wire: Wire, racing: RacingService, count: int) -> None:
        wire.answer("AdminListAssociatedResources", DENIED)
        outcomes = racing.stop_jobs([f"user-{number}" for number in range(count)])
        assert set(codes(outcomes).values()) == {DENIED.code}
        assert len(outcomes) == count
        assert len(wire.calls) == 1


class TestRaces:
    def test_are_described_in_full(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("ListLeaderboards", {"Leaderboards": []})
        wire.answer("CreateLeaderboard", {"LeaderboardArn": RACE})
        assert racing.create_race(DEFINITION) == RACE
        assert wire.bodies("CreateLeaderboard") == [
            {
                "Definition": {
                    "Name": "autumn-cup",
                    "Description": "A race in the autumn.",
                    "Visibility": "PRIVATE",
                    "LaunchTime": 1_795_167_000_000,
                    "CloseTime": 4_099_827_600_250,
                    "TrackArn": TRACK,
                    "LeagueType": "VIRTUAL",
                },
                "RaceConfig": {
                    "MinimumLaps": 3,
                    "RaceTypeConfig": {"RaceType": "TIME_TRIAL", "TimeTrial": {}},
                    "ResettingBehavior": {"AllowReset": True},
                    "TerminationConditions": {"MaxLaps": 3},
                    "TimingMethod": "AVG_LAP_TIME",
                    "SubmissionsPerUser": 5,
                },
                "Features": {},
            }
        ]

    def test_are_looked_for_first_on_all_pages(self, wire: Wire, racing: RacingService) -> None:
        other = {"Arn": "arn:other", "Name": "Autumn-Cup"}
        wire.answer(
            "ListLeaderboards",
            {"Leaderboards": [other], "NextToken": "YQ=="},
            {"Leaderboards": [{"Arn": RACE, "Name": "autumn-cup"}]},
        )
        assert racing.create_race(DEFINITION) == RACE
        assert wire.bodies("ListLeaderboards")[1] == {
            "LeaderboardAccessRoles": ["ADMIN"],
            "MaxResults": 100,
            "NextToken": "YQ==",
        }
        assert wire.bodies("CreateLeaderboard") == []

    def test_with_obstacles(self, wire: Wire, racing: RacingService) -> None:
        definition = replace(DEFINITION, race_type=RaceType.OBJECT_AVOIDANCE, description="", timing=Timing.TOTAL_TIME)
        racing.edit_race(RACE, definition)
        (body,) = wire.bodies("EditLeaderboard")
        assert body["Arn"] == RACE
        assert body["Definition"]["Description"] == "autumn-cup"
        assert body["RaceConfig"]["TimingMethod"] == "TOTAL_TIME"
        assert body["RaceConfig"]["RaceTypeConfig"] == {
            "RaceType": "OBJECT_AVOIDANCE",
            "ObjectAvoidance": {"NumObstacles": 3, "ObstacleType": "BOX", "RandomizeLocation": True},
        }

    def test_a_long_description_is_shortened(self, wire: Wire, racing: RacingService) -> None:
        racing.edit_race(RACE, replace(DEFINITION, description="word " * 100))
        assert len(wire.bodies("EditLeaderboard")[0]["Definition"]["Description"]) == 255

    def test_closing_moves_the_end(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("GetLeaderboard", {"Leaderboard": {"Status": "OPEN"}})
        now = to_milliseconds(datetime.now(UTC))
        racing.close_race(RACE, DEFINITION)
        racing.close_race(RACE, replace(DEFINITION, opens_at=DEFINITION.closes_at - timedelta(days=1)))
        for body in wire.bodies("EditLeaderboard"):
            assert now <= body["Definition"]["CloseTime"] < now + 60_000
            assert body["Definition"]["LaunchTime"] < body["Definition"]["CloseTime"]

    def test_a_closed_race_keeps_its_end(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("GetLeaderboard", {"Leaderboard": {"Status": "CLOSED"}})
        racing.close_race(RACE, DEFINITION)
        assert wire.operations() == ["GetLeaderboard"]

    def test_are_deleted_once_and_again(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("DeleteLeaderboard", {}, GONE, DENIED)
        racing.delete_race(RACE)
        racing.delete_race(RACE)
        with pytest.raises(IntegrationError, match="deepracer:DeleteLeaderboard"):
            racing.delete_race(RACE)
        assert wire.bodies("DeleteLeaderboard")[0] == {"LeaderboardArn": RACE}

    def test_have_a_token_for_a_while(self, wire: Wire, racing: RacingService) -> None:
        wire.answer("CreateLeaderboardAccessToken", {"AccessToken": "t0k3n"})
        assert racing.rotate_race_token(RACE, expires_at=datetime(2026, 12, 1, tzinfo=UTC)) == "t0k3n"
        assert wire.bodies("CreateLeaderboardAccessToken") == [
            {"LeaderboardArn": RACE, "ExpirationTime": 1_796_083_200_000}
        ]

    @pytest.mark.parametrize(
        ("console", "url"),
        [
            ("", "https://console.aws.amazon.com/deepracer/home#raceToken/t0k3n"),
            (
                "https://us-east-1.console.aws.amazon.com/deepracer/home?region=us-east-1#welcome",
                "https://console.aws.amazon.com/deepracer/home#raceToken/t0k3n",
            ),
            (
                "http://127.0.0.1:8000/deepracer/home?a=b#welcome",
                "http://127.0.0.1:8000/deepracer/home#raceToken/t0k3n",
            ),
        ],
    )
    def test_are_joined_by_a_link(self, console: str, url: str) -> None:
        racing = MultiUserRacing(MultiUserConfig(AwsAccess("us-east-1"), ACCOUNT_ID, console))
        assert racing.race_url(RACE, "t0k3n") == url

    def test_tracks(self, wire: Wire, racing: RacingService) -> None:
        tracks = {"Tracks": [{"TrackArn": TRACK, "TrackName": "re-Invent-2018"}]}
        wire.answer("ListTracks", tracks | {"NextToken": "YQ=="}, tracks)
        assert racing.list_tracks() == [Track(TRACK, "re-Invent-2018")] * 2

    @pytest.mark.parametrize(
        ("timing", "time"), [("BEST_LAP_TIME", 8000), ("AVG_LAP_TIME", 9000), ("TOTAL_TIME", 27_000)]
    )
    def test_results_by_the_races_own_timing(self, wire: Wire, racing: RacingService, timing: str, time: int) -> None:
        times = {"BestLapTime": 8000, "AvgLapTime": 9000, "TotalLapTime": 27_000}
        first = {"Rank": 1, "Alias": "ann", "UserId": "user-1", "SubmissionCount": 2, "SubmissionTime": JOINED, **times}
        guest = {"Rank": 2, "Alias": "guest", **times}
        waiting = {"Alias": "bo", "LeaderboardSubmissionStatusType": "QUEUED"}
        wire.answer("GetLeaderboard", {"Leaderboard": {"TimingMethod": timing}})
        wire.answer(
            "ListLeaderboardSubmissions",
            {"LeaderboardSubmissions": [first, waiting], "NextToken": "YQ=="},
            {"LeaderboardSubmissions": [guest]},
        )
        assert list(racing.list_race_results(RACE)) == [
            [RaceResult(1, "ann", "user-1", time, 2, from_milliseconds(JOINED))],
            [RaceResult(2, "guest", "", time, 0, None)],
        ]


@pytest.mark.parametrize(
    ("refusal", "permanent", "retry_after", "words"),
    [
        (DENIED, True, None, "Allow deepracer:AdminSetAccountConfig .* user token"),
        (GONE, True, None, "have it read again"),
        (Refusal("InvalidRequestException"), True, None, "It says: Words of the service"),
        (Refusal("ResourceAlreadyExistsException"), True, None, "Choose another name"),
        (Refusal("ResourceLimitExceededException"), True, None, "ask AWS Support"),
        (Refusal("ResourceInUseException"), False, 30, "still working on it"),
        (Refusal("JobNotActiveException"), True, None, "ended already"),
        (TROUBLE, False, 2, "has trouble"),
        (Refusal("ServiceException", 500), False, 2, "has trouble"),
        (Refusal("TooManyRequestsException"), False, 2, "slow down"),
        (Refusal("AccessDeniedException"), True, None, "denied AdminSetAccountConfig"),
        (Refusal("SomethingNew", 502), False, 2, "has trouble"),
    ],
    ids=lambda value: f"{value.code}-{value.status}" if isinstance(value, Refusal) else "",
)
def test_refusals_become_sentences(
    wire: Wire, racing: RacingService, refusal: Refusal, permanent: bool, retry_after: float | None, words: str
) -> None:
    wire.answer("AdminSetAccountConfig", refusal)
    with pytest.raises(IntegrationError, match=words) as raised:
        racing.set_active(active=True)
    assert (raised.value.permanent, raised.value.retry_after) == (permanent, retry_after)
    assert raised.value.code == refusal.code


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=100_000)))
def test_moments_come_back(since: timedelta) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + since
    back = from_milliseconds(to_milliseconds(moment))
    assert back is not None
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


def test_the_throttle_is_the_accounts(wire: Wire) -> None:
    """Two accounts do not wait for each other."""
    other = MultiUserRacing(MultiUserConfig(AwsAccess("us-east-1"), uuid.uuid4().hex))
    other.set_active(active=True)

    def is_held_up() -> bool:
        throttle.shared_throttle().acquire(DEEPRACER, ACCOUNT_ID, cost=DEEPRACER.amount)
        started = datetime.now(UTC)
        other.set_active(active=True)
        return datetime.now(UTC) - started > timedelta(seconds=0.8)

    wait_until(lambda: not is_held_up(), pause=0)  # a busy machine may hold it up now and then, but not every time
