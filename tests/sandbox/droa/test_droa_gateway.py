"""What stands in front of the REST API's handlers: the firewall, signatures, roles, the shape of bodies."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.credentials import Credentials

from tests.sandbox.droa import world
from tests.sandbox.droa.racers import racer_id
from tests.sandbox.droa.world import SITE, Account, Api
from tests.support.sandbox import Sandbox


def test_nobody_gets_in_without_a_signature(deployment: Sandbox) -> None:
    answer = requests.get(f"{deployment.url}{SITE}/api/profile", timeout=60)
    assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})


@pytest.mark.parametrize(
    ("changes", "service", "kind"),
    [
        ({"secret_key": "wrong"}, "execute-api", "InvalidSignatureException"),
        ({"token": "wrong"}, "execute-api", "UnrecognizedClientException"),
        ({"access_key": "ASIA777788889999XXXX"}, "execute-api", "UnrecognizedClientException"),
        ({}, "apigateway", "InvalidSignatureException"),
    ],
)
def test_a_wrong_signature_is_refused(admin: Api, changes: dict[str, str], service: str, kind: str) -> None:
    keys = {"access_key": admin.keys.access_key, "secret_key": admin.keys.secret_key, "token": admin.keys.token}
    given = Credentials(**(keys | changes))
    answer = world.send(requests.Session(), given, "GET", f"{admin.url}/profile", service=service)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, kind)


def test_a_body_that_was_changed_on_the_way_is_refused(admin: Api) -> None:
    answer = world.send(requests.Session(), admin.keys, "PATCH", f"{admin.url}/profile", {"alias": "Mine"})
    headers = dict(answer.request.headers)
    url = f"{admin.url}/profile"
    forged = requests.patch(url, data=b'{"alias": "Yours"}', headers={**headers, "Content-Length": "18"}, timeout=60)
    assert (answer.status_code, forged.status_code) == (200, 403)


def test_a_query_is_part_of_the_signature(admin: Api) -> None:
    assert admin.call("GET", "/profiles?token=&other=a%2Fb+c").status_code == 200


def test_an_iam_principal_is_not_enough(deployment: Sandbox, account: Account) -> None:
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    principal = Credentials(*(account.keys[name] for name in names))
    url = f"{deployment.url}{SITE}/api/profiles"
    answer = world.send(requests.Session(), principal, "GET", url)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    stranger = Credentials("AKIASANDBOXSANDBOX00", "sandbox")
    answer = world.send(requests.Session(), stranger, "GET", url)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")


# fmt: off
ALLOWED = [
    ("GET", "/profile", "AFR"),
    ("POST", "/profile", "AFR"),
    ("GET", "/profiles", "A"),
    ("PUT", "/profile/role", "A"),
    ("DELETE", "/profiles/unknownunknown1", "A"),
    ("DELETE", "/profiles/unknownunknown1/models", "A"),
    ("GET", "/admin/profiles", "AF"),
    ("GET", "/admin/profiles/unknownunknown1/models", "AF"),
    ("GET", "/settings/registration.type", "AFR"),
    ("PUT", "/settings/registration.type", "A"),
    ("GET", "/leaderboards", "AFR"),
    ("POST", "/leaderboards", "AF"),
    ("PATCH", "/leaderboards/unknownunknown1", "AF"),
    ("DELETE", "/leaderboards/unknownunknown1", "AF"),
    ("GET", "/leaderboards/unknownunknown1/rankings", "AFR"),
    ("GET", "/models", "AFR"),
    ("PATCH", "/models/unknownunknown1", "AFR"),
]
# fmt: on


def test_roles_allow_what_the_real_ones_do(
    deployment: Sandbox, account: Account, admin: Api, make_racer: Callable[[str], Api]
) -> None:
    racer = make_racer("ann")
    account.create_racer(racer_id("bob"), "bob@contoso.example")
    body = {"profileId": racer_id("bob"), "targetUserPoolGroup": "dr-race-facilitators"}
    assert admin.call("PUT", "/profile/role", body).status_code == 200
    callers = {"A": admin, "F": Api(deployment, "bob@contoso.example"), "R": racer}
    for method, path, roles in ALLOWED:
        answers = {role: caller.call(method, path) for role, caller in callers.items()}
        denied = {role for role, answer in answers.items() if "is not authorized to perform" in answer.text}
        assert denied == set("AFR") - set(roles), (method, path)
        assert all(answers[role].status_code == 403 for role in denied)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/profile", None),
        ("POST", "/profile", {}),
        ("PATCH", "/profile", {"maxTotalComputeMinutes": "many"}),
        ("PATCH", "/profile", {"computeMinutesUsed": -1}),
        ("PATCH", "/profile", {"profileId": "with-a-hyphen-1"}),
        ("PUT", "/profile/role", {"profileId": "abcdefghij12345", "targetUserPoolGroup": "dr-nobody"}),
        ("PUT", "/settings/usageQuotas.newUser", {}),
    ],
)
def test_a_body_of_the_wrong_shape_never_reaches_a_handler(admin: Api, method: str, path: str, body: Any) -> None:
    answer = admin.call(method, path, body)
    assert answer.status_code == 400
    assert answer.json()["errorMessage"].startswith("Invalid request body: [")


def test_an_id_of_the_wrong_shape_does(admin: Api) -> None:
    answer = admin.call("DELETE", "/profiles/with-a-hyphen-1")
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert answer.json()["fieldList"][0]["path"] == "/profileId"


def test_there_is_no_profile_by_id(admin: Api) -> None:
    answer = admin.call("GET", "/profiles/abcdefghij12345")
    assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})


def test_the_firewall_takes_small_bodies_alone(admin: Api) -> None:
    answer = admin.call("PATCH", "/profile", {"alias": "x" * 8192})
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_the_firewall_counts_administrative_requests(deployment: Sandbox, admin: Api) -> None:
    statuses = [admin.call("GET", "/admin/profiles").status_code for _ in range(101)]
    assert (statuses[:100], statuses[100]) == ([200] * 100, 403)
    assert admin.call("GET", "/profiles").status_code == 200
    deployment.knobs(throttles=False)
    assert admin.call("GET", "/admin/profiles").status_code == 200


def test_keys_of_a_deleted_user_lead_nowhere(admin: Api, account: Account, make_racer: Callable[[str], Api]) -> None:
    racer = make_racer("ann")
    account.cognito.admin_disable_user(UserPoolId=world.POOL, Username=racer_id("ann"))
    assert racer.call("GET", "/profile").status_code == 200  # they live on for their hour
    assert admin.call("DELETE", f"/profiles/{racer_id('ann')}").status_code == 200
    assert racer.call("GET", "/profile").status_code == 500


def test_some_handlers_look_at_the_role_anew(
    deployment: Sandbox, admin: Api, account: Account, make_racer: Callable[[str], Api]
) -> None:
    make_racer("ann")
    user = {"UserPoolId": world.POOL, "Username": racer_id("ann")}
    account.cognito.admin_add_user_to_group(**user, GroupName="dr-admins")
    former = Api(deployment, "ann@contoso.example")
    account.cognito.admin_remove_user_from_group(**user, GroupName="dr-admins")
    for method, path, status in (
        ("GET", "/profiles", 200),
        ("GET", "/admin/profiles", 403),
        ("DELETE", f"/profiles/{racer_id('ann')}", 400),
    ):
        assert former.call(method, path).status_code == status, path


def test_calls_are_counted_by_operation(deployment: Sandbox, admin: Api) -> None:
    admin.call("GET", "/profile")
    admin.call("GET", "/nothing")
    assert deployment.calls()["droa"] == {"GET /nothing": 1, "GetProfile": 1}


def test_injected_failures_speak_the_gateways_words(deployment: Sandbox, admin: Api) -> None:
    deployment.knobs(failure_rate=1)
    seen = set()
    for _ in range(40):
        try:
            answer = admin.call("GET", "/profile")
        except requests.ConnectionError:
            continue
        assert set(answer.json()) == {"message"}
        seen.add(answer.status_code)
    assert seen == {429, 500, 503}


def test_env_js_says_where_everything_is(deployment: Sandbox) -> None:
    script = requests.get(f"{deployment.url}{SITE}/env.js", timeout=60).text
    for expected in (f'"apiEndpointUrl": "{deployment.url}{SITE}/api/"', '"namespace": "spring"', world.POOL):
        assert expected in script


@pytest.mark.parametrize("field", ["site_path", "user_pool_id", "admin_password"])
def test_a_seed_without_a_field_is_refused(sandbox: Sandbox, field: str) -> None:
    entry = {key: value for key, value in world.seed()["deepracer_on_aws"][0].items() if key != field}
    answer = requests.post(f"{sandbox.url}/sandbox/seed", json={"deepracer_on_aws": [entry]}, timeout=60)
    assert (answer.status_code, field in answer.json()["error"]) == (400, True)


def test_a_seed_that_is_sent_again_changes_nothing_more(deployment: Sandbox, admin: Api) -> None:
    deployment.seed(**world.seed())
    assert len(admin.profiles()) == 1
