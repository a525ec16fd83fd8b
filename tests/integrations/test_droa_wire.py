"""What goes over the wire to a deployment, and every way in which it may say no."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws import rest, sign_in
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig
from integrations.racing.deepracer_on_aws.service import DeepRacerOnAws
from integrations.racing.protocol import Limits, NewRacer, RaceDefinition, RaceType, Timing

ADMIN = "paddock@contoso.example"
PASSWORD = "Right-and-strong-1"
RACER = "abcdefghij12345"
KEYS = Credentials("ASIAKEY", "secret", "token")
OPENS_AT = datetime(2030, 5, 1, 9, tzinfo=UTC)
CLOSES_AT = datetime(2030, 5, 2, 17, 30, tzinfo=UTC)
NEW_RACER = NewRacer(RACER, "ann@contoso.example", "ann")
DEFINITION = RaceDefinition(
    name="final",
    description="The last one",
    opens_at=OPENS_AT,
    closes_at=CLOSES_AT,
    track="reInvent2019_wide",
    race_type=RaceType.OBJECT_AVOIDANCE,
    timing=Timing.BEST_LAP,
    laps=3,
    submissions_per_racer=20,
)


@dataclass
class Answer:
    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


class Deployment:
    """A site, a user pool, an identity pool and an API behind one address. Answers are prepared, requests kept."""

    def __init__(self) -> None:
        deployment = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self.command, self.path, dict(self.headers.items()), body)
                answer = deployment.answer(request)
                text = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(text)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.answers: list[Answer] = []
        self.requests: list[Request] = []
        self.cognito: dict[str, Answer] = {}
        self.cognito_calls: list[str] = []
        self.site: Answer | None = None
        self.expires_in = timedelta(hours=1)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Answer:
        target = {name.lower(): value for name, value in request.headers.items()}.get("x-amz-target", "")
        if request.path == "/env.js":
            return self.site or Answer(body=self.env_js())
        if operation := target.rpartition(".")[2]:
            self.cognito_calls.append(operation)
            return self.cognito.get(operation) or Answer(body=self._cognito(operation))
        self.requests.append(request)
        return self.answers.pop(0) if self.answers else Answer()

    def env_js(self, **changes: Any) -> bytes:
        told = {
            "apiEndpointUrl": f"{self.url}/prod/",
            "userPoolId": "eu-west-1_Pool",
            "userPoolClientId": "client",
            "identityPoolId": "eu-west-1:pool",
            "region": "eu-west-1",
            "uploadBucketName": "uploads",
            "solutionVersion": "v1.2.5",
            "namespace": "racing",
        }
        return f"window.EnvironmentConfig = {json.dumps(told | changes)};".encode()

    def _cognito(self, operation: str) -> dict[str, Any]:
        expires_at = (datetime.now(UTC) + self.expires_in).timestamp()
        keys = {"AccessKeyId": "ASIAKEY", "SecretKey": "secret", "SessionToken": "token", "Expiration": expires_at}
        answers: dict[str, dict[str, Any]] = {
            "InitiateAuth": {"AuthenticationResult": {"IdToken": "id-token"}},
            "GetId": {"IdentityId": "eu-west-1:identity"},
            "GetCredentialsForIdentity": {"Credentials": keys},
        }
        return answers[operation]


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A new one. Nothing is remembered of those before it, whose port it may have been given."""
    deployment = Deployment()
    monkeypatch.setenv("AWS_ENDPOINT_URL", deployment.url)
    forget()
    yield deployment
    deployment.close()
    forget()


def forget() -> None:
    for remembered in (sign_in._build_client, sign_in.sign_in, rest._http):
        remembered.cache_clear()


@pytest.fixture
def service(deployment: Deployment) -> DeepRacerOnAws:
    return DeepRacerOnAws(DeepRacerOnAwsConfig(deployment.url, ADMIN, PASSWORD))


def refusal(service: DeepRacerOnAws, deployment: Deployment, answer: Answer) -> IntegrationError:
    deployment.answers = [answer]
    error = service.set_limits({RACER: Limits(10, 2)})[RACER]
    assert error is not None
    return error


class TestSigning:
    def test_signs_what_it_sends(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.answers = [Answer(body={"profiles": [], "token": "a+b/c=="}), Answer(body={"profiles": []})]
        assert list(service.list_profiles()) == [[], []]
        first, second = deployment.requests
        assert (first.method, first.path) == ("GET", "/prod/profiles")
        assert second.path == "/prod/profiles?token=a%2Bb%2Fc%3D%3D"
        for request in deployment.requests:
            assert request.headers["Authorization"] == sign(deployment, request)
            assert request.headers["X-Amz-Security-Token"] == "token"

    def test_signs_bodies_and_keeps_them_small(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.answers = [Answer(body={"leaderboards": []}), Answer(body={"leaderboardId": "id"})]
        assert service.create_race(DEFINITION) == "id"
        request = deployment.requests[-1]
        assert request.headers["Authorization"] == sign(deployment, request)
        assert len(request.body) < 8192

    def test_signs_in_once_for_many_calls(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        assert set(service.set_limits({f"{RACER[:-2]}{n}": Limits(1, 1) for n in range(10, 30)}).values()) == {None}
        assert deployment.cognito_calls == ["InitiateAuth", "GetId", "GetCredentialsForIdentity"]

    def test_signs_in_again_before_credentials_expire(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.expires_in = timedelta(minutes=4)
        for _ in range(2):
            list(service.list_profiles())
        assert deployment.cognito_calls.count("InitiateAuth") == 2

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(403, {"message": "The security token included in the request is expired"}),
            Answer(403, {"message": "Token expired"}, {"x-amzn-ErrorType": "ExpiredTokenException"}),
            Answer(403, {}, {"x-amzn-ErrorType": "UnrecognizedClientException"}),
        ],
    )
    def test_replaces_credentials_that_are_refused(
        self, service: DeepRacerOnAws, deployment: Deployment, answer: Answer
    ) -> None:
        deployment.answers = [answer]
        assert service.set_limits({RACER: Limits(1, 1)}) == {RACER: None}
        assert deployment.cognito_calls.count("InitiateAuth") == 2

    def test_repeats_reads(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.answers = [Answer(500, {}), Answer(504, {}), Answer(429, {}), Answer(body={"profiles": []})]
        assert list(service.list_profiles()) == [[]]


def sign(deployment: Deployment, request: Request) -> str:
    """The signature that this request must have."""
    names = request.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: value for name, value in request.headers.items() if name.lower() in names}
    expected: Any = AWSRequest(request.method, deployment.url + request.path, headers, request.body)
    expected.context["timestamp"] = request.headers["X-Amz-Date"]
    signer: Any = SigV4Auth(KEYS, "execute-api", "eu-west-1")
    canonical = signer.canonical_request(expected)
    digest = signer.signature(signer.string_to_sign(expected, canonical), expected)
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(expected)}, SignedHeaders={';'.join(names)}, Signature={digest}"


class TestBodies:
    def test_limits(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        assert service.set_limits({RACER: Limits(600, None)}) == {RACER: None}
        request = deployment.requests[0]
        assert (request.method, request.path) == ("PATCH", "/prod/profile")
        assert request.content == {"profileId": RACER, "maxTotalComputeMinutes": 600, "maxModelCount": -1}

    def test_race(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        service.edit_race("leaderboard1234", DEFINITION)
        request = deployment.requests[0]
        assert (request.method, request.path) == ("PATCH", "/prod/leaderboards/leaderboard1234")
        assert request.content == {
            "leaderboardDefinition": {
                "name": "final",
                "openTime": "2030-05-01T09:00:00.000Z",
                "closeTime": "2030-05-02T17:30:00.000Z",
                "trackConfig": {"trackId": "reInvent2019_wide", "trackDirection": "CLOCKWISE"},
                "raceType": "OBJECT_AVOIDANCE",
                "timingMethod": "BEST_LAP_TIME",
                "maxSubmissionsPerUser": 20,
                "resettingBehaviorConfig": {
                    "continuousLap": True,
                    "offTrackPenaltySeconds": 1,
                    "collisionPenaltySeconds": 1,
                },
                "submissionTerminationConditions": {"minimumLaps": 3, "maximumLaps": 3},
                "objectAvoidanceConfig": {
                    "numberOfObjects": 2,
                    "objectPositions": [
                        {"laneNumber": 1, "trackPercentage": 0.3},
                        {"laneNumber": -1, "trackPercentage": 0.7},
                    ],
                },
            }
        }

    def test_submissions_to_a_live_race_are_closed(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.answers = [Answer(body={"leaderboard": {"isLive": True, "openTime": "2020-01-01T00:00:00Z"}})]
        service.close_race("leaderboard1234", DEFINITION)
        assert deployment.requests[-1].content == {"submissionPeriodOpen": False}

    def test_nobody_is_invited_before_new_racers_have_no_quota(
        self, service: DeepRacerOnAws, deployment: Deployment
    ) -> None:
        """A deployment that cannot be told fails everybody."""
        unlimited = {"newUserComputeMinutesLimit": "-1", "newUserModelCountLimit": -1}
        deployment.answers = [Answer(body={"value": unlimited}), Answer(), Answer(body={"value": unlimited})]
        error = next(iter(service.create_profiles([NEW_RACER]).values()))
        assert error is not None
        assert (error.code, error.permanent) == ("NotClosedYet", False)
        assert [request.method for request in deployment.requests] == ["GET", "PUT", "GET"]
        assert deployment.requests[1].content == {
            "value": {"newUserComputeMinutesLimit": 0, "newUserModelCountLimit": 0}
        }


_REFUSALS = [
    (Answer(400, {"message": "Admin permission required to make this change."}), True, "group dr-admins"),
    (Answer(400, {"message": "Non-admin user requesting to change one or more admin-only properties."}), True, "Admin"),
    (Answer(403, {"message": "Not authorized."}), True, "group dr-admins"),
    (Answer(403, {"Message": "User: arn is not authorized to perform: execute-api:Invoke"}), True, "group dr-admins"),
    (Answer(403, b"<html>Request blocked.</html>"), True, "AWS WAF"),
    (Answer(403, {"message": "Forbidden"}), True, "AWS WAF"),
    (Answer(403, {"message": "Missing Authentication Token"}), True, "1.2 or newer"),
    (Answer(403, {"message": "Signature expired: now earlier than"}), True, "clock"),
    (Answer(400, {"errorMessage": "Invalid request body: [no]"}), True, "refused the request: Invalid request body"),
    (Answer(400, {}), True, "status 400"),
    (Answer(404, {"message": "Item not found."}), True, "any more"),
    (Answer(302, b""), True, "status 302"),
    (Answer(409, {"message": "Conflict"}), False, "tries again"),
    (Answer(429, {"message": "Too Many Requests"}, {"Retry-After": "7"}), False, "slow down"),
    (Answer(500, {"message": "Missing authentication provider"}), True, "user pool"),
    (Answer(500, {"message": "Failed to update setting"}), False, "tries again"),
    (Answer(502, {"message": "Internal server error"}), False, "tries again"),
    (Answer(504, {"message": "Endpoint request timed out"}), False, "gave no answer"),
    (Answer(200, b"<html>"), False, "gave no answer"),
]


class TestRefusals:
    @pytest.mark.parametrize(("answer", "permanent", "part"), _REFUSALS)
    def test_become_sentences(
        self, service: DeepRacerOnAws, deployment: Deployment, answer: Answer, permanent: bool, part: str
    ) -> None:
        error = refusal(service, deployment, answer)
        assert part in error.message
        assert error.permanent is permanent
        assert error.message.endswith(".")

    def test_waits_as_long_as_asked(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        assert refusal(service, deployment, Answer(429, {}, {"Retry-After": "7"})).retry_after == 7

    def test_no_answer_at_all(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        list(service.list_profiles())
        deployment.close()
        rest._http.cache_clear()
        error = service.set_limits({RACER: Limits(1, 1)})[RACER]
        assert error is not None
        assert (error.code, error.permanent) == ("NoAnswer", False)

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (Answer(403, {"message": "Forbidden"}), "Firewall"),
            (Answer(400, {"message": "Admin permission required to make this change."}), "NotAdministrator"),
        ],
    )
    def test_a_refusal_that_means_everybody_is_asked_for_once(
        self, service: DeepRacerOnAws, deployment: Deployment, answer: Answer, code: str
    ) -> None:
        deployment.answers = [answer] * 100
        outcomes = service.set_limits({f"{RACER[:-2]}{n}": Limits(1, 1) for n in range(10, 90)})
        assert {error.code for error in outcomes.values() if error} == {code}
        assert len(outcomes) == 80
        assert len(deployment.requests) <= 16

    def test_the_firewalls_limit_passes(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        """It counts calls below /admin/, and refuses them with the same words."""
        deployment.answers = [Answer(403, {"message": "Forbidden"})]
        with pytest.raises(IntegrationError, match="five minutes") as caught:
            service.list_models(RACER)
        assert (caught.value.permanent, caught.value.code) == (False, "Throttled")

    def test_racers_who_are_not_there_are_told_apart(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        """The service breaks down over them as over anything else."""
        unforeseen = Answer(500, {}, {"x-amzn-ErrorType": "InternalFailureException"})
        deployment.answers = [unforeseen, Answer(body={"profiles": [{"profileId": "somebody"}]})]
        error = service.set_limits({RACER: Limits(1, 1)})[RACER]
        assert error is not None
        assert (error.code, error.permanent) == ("NotFoundError", True)

    def test_a_profile_that_is_gone_is_deleted(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        unforeseen = Answer(500, {}, {"x-amzn-ErrorType": "InternalFailureException"})
        deployment.answers = [unforeseen, Answer(body={"profiles": []})]
        assert service.remove_profiles([RACER]) == {RACER: None}

    def test_an_open_race_is_deleted_later(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.answers = [Answer(400, {"message": "Unable to delete an open leaderboard."})]
        with pytest.raises(IntegrationError, match="while it is open") as caught:
            service.delete_race("leaderboard1234")
        assert not caught.value.permanent


def cognito_error(code: str, message: str = "") -> Answer:
    return Answer(400, {"__type": code, "message": message})


_SIGN_IN_REFUSALS = [
    (
        "InitiateAuth",
        cognito_error("NotAuthorizedException", "Incorrect username or password."),
        "refused the password",
    ),
    ("InitiateAuth", cognito_error("NotAuthorizedException", "Password attempts exceeded"), "locks"),
    ("InitiateAuth", cognito_error("NotAuthorizedException", "User is disabled."), "is disabled"),
    ("InitiateAuth", cognito_error("UserNotFoundException", "User does not exist."), "knows no user"),
    ("InitiateAuth", cognito_error("PasswordResetRequiredException", "Reset"), "was reset"),
    ("InitiateAuth", cognito_error("UserNotConfirmedException", "Confirm"), "is not confirmed"),
    ("InitiateAuth", cognito_error("ResourceNotFoundException", "No client"), "does not exist"),
    (
        "InitiateAuth",
        cognito_error("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"),
        "ALLOW_USER_PASSWORD_AUTH",
    ),
    ("InitiateAuth", Answer(body={"ChallengeName": "NEW_PASSWORD_REQUIRED"}), "one-time password"),
    ("InitiateAuth", Answer(body={"ChallengeName": "SOFTWARE_TOKEN_MFA"}), "second factor"),
    ("GetCredentialsForIdentity", cognito_error("NotAuthorizedException", "Ambiguous"), "group dr-admins"),
]


class TestSignIn:
    @pytest.mark.parametrize(("operation", "answer", "part"), _SIGN_IN_REFUSALS)
    def test_refusals_become_sentences(
        self, service: DeepRacerOnAws, deployment: Deployment, operation: str, answer: Answer, part: str
    ) -> None:
        deployment.cognito[operation] = answer
        with pytest.raises(IntegrationError, match=part) as caught:
            next(service.list_profiles())
        assert caught.value.permanent
        assert PASSWORD not in caught.value.message

    def test_a_wrong_password_is_not_tried_again_and_again(
        self, service: DeepRacerOnAws, deployment: Deployment
    ) -> None:
        """Cognito would lock the user."""
        deployment.cognito["InitiateAuth"] = cognito_error("NotAuthorizedException", "Incorrect username or password.")
        outcomes = service.set_limits({f"{RACER[:-1]}{n}": Limits(1, 1) for n in range(5)})
        assert all(error and error.permanent for error in outcomes.values())
        assert deployment.cognito_calls == ["InitiateAuth"]

    def test_a_corrected_password_is_tried_at_once(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.cognito["InitiateAuth"] = cognito_error("NotAuthorizedException", "Incorrect username or password.")
        assert None not in service.set_limits({RACER: Limits(1, 1)}).values()
        del deployment.cognito["InitiateAuth"]
        corrected = DeepRacerOnAws(DeepRacerOnAwsConfig(deployment.url, ADMIN, f"{PASSWORD}2"))
        assert corrected.set_limits({RACER: Limits(1, 1)}) == {RACER: None}

    def test_throttling_passes(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.cognito["InitiateAuth"] = cognito_error("TooManyRequestsException", "Slow down")
        error = service.set_limits({RACER: Limits(1, 1)})[RACER]
        assert error is not None
        assert not error.permanent

    def test_the_password_is_shown_nowhere(self) -> None:
        assert PASSWORD not in repr(DeepRacerOnAwsConfig("https://racing.example", ADMIN, PASSWORD))


class TestSite:
    @pytest.mark.parametrize(
        "answer",
        [
            Answer(404, b"no"),
            Answer(302, b"", {"Location": "http://127.0.0.1:9/env.js"}),
            Answer(200, b"<!doctype html><script>{}</script>"),
            Answer(200, b"window.EnvironmentConfig = {broken;"),
            Answer(200, b'window.EnvironmentConfig = {"region": "eu-west-1"};'),
            Answer(200, b"window.EnvironmentConfig = [1];"),
            Answer(200, b"x" * 200_000),
        ],
    )
    def test_an_address_of_something_else_is_refused(
        self, service: DeepRacerOnAws, deployment: Deployment, answer: Answer
    ) -> None:
        deployment.site = answer
        with pytest.raises(IntegrationError, match="no DeepRacer on AWS") as caught:
            service.is_active()
        assert caught.value.permanent

    @pytest.mark.parametrize(
        "changes",
        [
            {"apiEndpointUrl": "https://elsewhere.example/prod"},
            {"apiEndpointUrl": "http://abc.execute-api.eu-west-1.amazonaws.com/prod"},
            {"apiEndpointUrl": "https://abc.execute-api.eu-west-1.amazonaws.com.elsewhere.example/prod"},
            {"region": "eu-west-1.elsewhere.example/"},
        ],
    )
    def test_nothing_is_signed_for_strangers(
        self, service: DeepRacerOnAws, deployment: Deployment, changes: dict[str, str]
    ) -> None:
        deployment.site = Answer(200, deployment.env_js(**changes))
        with pytest.raises(IntegrationError, match="no DeepRacer on AWS"):
            service.is_active()

    def test_a_real_api_is_trusted(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        api = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/prod/"
        deployment.site = Answer(200, deployment.env_js(apiEndpointUrl=api))
        assert service.is_active()

    def test_an_outage_passes(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        deployment.site = Answer(503, b"")
        with pytest.raises(IntegrationError) as caught:
            service.is_active()
        assert not caught.value.permanent

    def test_it_is_asked_once_in_a_while(self, service: DeepRacerOnAws, deployment: Deployment) -> None:
        assert service.is_active()
        deployment.site = Answer(503, b"")
        assert list(service.list_profiles()) == [[]]


_BOTH_WAYS = DeepRacerOnAwsConfig("https://racing.example", ADMIN, PASSWORD, AwsAccess("eu-west-1"))


class TestCapabilities:
    @pytest.mark.parametrize(
        ("config", "able"),
        [
            (replace(_BOTH_WAYS, access=None), {"invites", "deletes_profiles", "manages_races"}),
            (replace(_BOTH_WAYS, admin_email=""), {"creates_profiles", "stops_jobs"}),
            (replace(_BOTH_WAYS, admin_password="", access=None), set()),
            (_BOTH_WAYS, {"creates_profiles", "stops_jobs", "deletes_profiles", "manages_races"}),
        ],
    )
    def test_are_what_the_configured_ways_can_do(self, config: DeepRacerOnAwsConfig, able: set[str]) -> None:
        capabilities = asdict(DeepRacerOnAws(config).capabilities)
        assert {name for name, can in capabilities.items() if can} == able | {"resets_monthly"}


class TestWithoutTransports:
    """Only the address is known."""

    def test_says_which_setting_to_fill_in(self, deployment: Deployment) -> None:
        service = DeepRacerOnAws(DeepRacerOnAwsConfig(deployment.url))
        assert service.identify() == ""
        for call in (
            lambda: next(service.list_profiles()),
            lambda: service.find_race("final"),
            lambda: service.list_models(RACER),
            service.fail_closed,
        ):
            with pytest.raises(IntegrationError, match="administrator's e-mail") as caught:
                call()
            assert caught.value.permanent
        for outcome in (
            service.create_profiles([NEW_RACER]),
            service.set_passwords({RACER: "Some-1234"}),
            service.stop_jobs([RACER]),
        ):
            assert all(
                isinstance(e, IntegrationError) and e.permanent and "role ARN" in e.message for e in outcome.values()
            )
        outcomes = [service.set_limits({RACER: Limits(1, 1)}), service.remove_profiles([RACER])]
        assert {error.code for outcome in outcomes for error in outcome.values() if error} == {"NotConfigured"}

    def test_what_the_service_cannot_do(self, deployment: Deployment) -> None:
        service = DeepRacerOnAws(DeepRacerOnAwsConfig(deployment.url))
        assert {error.code for error in service.pause([RACER]).values() if error} == {"Unsupported"}
        assert {error.code for error in service.resume([RACER]).values() if error} == {"Unsupported"}
        with pytest.raises(IntegrationError, match="no mode"):
            service.set_active(True)
        with pytest.raises(IntegrationError, match="no invitation link"):
            service.rotate_race_token("leaderboard1234", expires_at=CLOSES_AT)
        assert service.race_url("leaderboard1234", "") == f"{deployment.url}/races/leaderboard1234"
