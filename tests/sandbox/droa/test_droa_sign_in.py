"""Cognito as DeepRacer on AWS sets it up: making users, their passwords, sign-in and the way to credentials."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.sandbox.droa import world
from tests.sandbox.droa.world import CLIENT, IDENTITY_POOL, PASSWORD, POOL, PROVIDER, Account, Api, client
from tests.support.sandbox import Sandbox

ANN = "ann@contoso.example"
ANN_ID = "abcdefghij12345"
ATTRIBUTES = [{"Name": "email", "Value": ANN}, {"Name": "email_verified", "Value": "true"}]


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def user(**more: Any) -> dict[str, Any]:
    return {"UserPoolId": POOL, "Username": ANN_ID, **more}


def test_a_silent_user_has_a_profile_of_the_default_quotas(deployment: Sandbox, account: Account) -> None:
    created = account.cognito.admin_create_user(
        **user(UserAttributes=ATTRIBUTES, MessageAction="SUPPRESS", ClientMetadata={"racerAlias": "Ann-1"})
    )["User"]
    assert (created["Username"], created["UserStatus"], created["Enabled"]) == (ANN_ID, "FORCE_CHANGE_PASSWORD", True)
    assert deployment.mailbox() == []
    profile = Api(deployment).profile(ANN)
    assert (profile["profileId"], profile["alias"], profile["maxTotalComputeMinutes"]) == (ANN_ID, "Ann-1", -1)
    assert "roleName" not in profile


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"Username": "tooshort"}, "UserLambdaValidationException", "Username is invalid"),
        ({"Username": "abcdefghij_2345"}, "UserLambdaValidationException", "Username is invalid"),
        ({"ClientMetadata": {"racerAlias": "a b"}}, "UserLambdaValidationException", "Invalid racer alias format"),
        ({"ClientMetadata": {"racerAlias": "x" * 21}}, "UserLambdaValidationException", "alias"),
        ({"Username": ANN}, "InvalidParameterException", "email format"),
        ({"TemporaryPassword": "weak"}, "InvalidPasswordException", "not long enough"),
        ({"TemporaryPassword": "weakweak1!"}, "InvalidPasswordException", "uppercase"),
        ({"UserPoolId": "eu-west-1_Unknown00"}, "ResourceNotFoundException", "does not exist"),
    ],
)
def test_a_user_that_is_not_right_is_refused(
    account: Account, changes: dict[str, Any], code: str, message: str
) -> None:
    found = refusal(account.cognito.admin_create_user, **(user(UserAttributes=ATTRIBUTES) | changes))
    assert found[0] == code
    assert message in found[1]


def test_the_same_user_twice_and_the_same_address_twice(deployment: Sandbox, account: Account) -> None:
    account.create_racer(ANN_ID, ANN)
    again = user(Username=ANN_ID.upper(), UserAttributes=ATTRIBUTES)
    assert refusal(account.cognito.admin_create_user, **again)[0] == "UsernameExistsException"
    other = user(Username="zyxwvutsrq54321", UserAttributes=ATTRIBUTES)
    assert refusal(account.cognito.admin_create_user, **other)[0] == "AliasExistsException"
    # The trigger has made the profile by then, and so the name is taken for good.
    assert "zyxwvutsrq54321" in {row["profileId"] for row in next(Api(deployment).pages("/profiles", "profiles"))}
    code, message = refusal(account.cognito.admin_create_user, **user(Username="zyxwvutsrq54321"))
    assert (code, "conditional" in message) == ("UserLambdaValidationException", True)


def test_a_one_time_password_is_changed_at_the_first_sign_in(deployment: Sandbox, account: Account) -> None:
    account.cognito.admin_create_user(**user(UserAttributes=ATTRIBUTES, MessageAction="SUPPRESS"))
    account.cognito.admin_set_user_password(**user(Password="One-time-1", Permanent=False))
    public = client(deployment, "cognito-idp")
    parameters = {"USERNAME": ANN.upper(), "PASSWORD": "One-time-1"}
    asked = public.initiate_auth(ClientId=CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = {
        "ClientId": CLIENT,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": ANN_ID, "NEW_PASSWORD": PASSWORD},
    }
    weak = answer | {"ChallengeResponses": {"USERNAME": ANN_ID, "NEW_PASSWORD": "weak"}}
    assert refusal(public.respond_to_auth_challenge, **weak)[0] == "InvalidPasswordException"
    assert public.respond_to_auth_challenge(**answer)["AuthenticationResult"]["ExpiresIn"] == 3600
    assert refusal(public.respond_to_auth_challenge, **answer)[0] == "NotAuthorizedException"
    assert account.cognito.admin_get_user(**user())["UserStatus"] == "CONFIRMED"


def test_who_is_refused_at_the_sign_in(deployment: Sandbox, account: Account) -> None:
    account.create_racer(ANN_ID, ANN)
    public = client(deployment, "cognito-idp")

    def attempt(flow: str = "USER_PASSWORD_AUTH", client_id: str = CLIENT, **parameters: str) -> tuple[str, str]:
        given = {"USERNAME": ANN, "PASSWORD": PASSWORD, **parameters}
        return refusal(public.initiate_auth, ClientId=client_id, AuthFlow=flow, AuthParameters=given)

    assert attempt(PASSWORD="wrong") == ("NotAuthorizedException", "Incorrect username or password.")
    assert attempt(USERNAME="nobody@contoso.example")[0] == "UserNotFoundException"
    assert attempt(client_id="unknownclient")[0] == "ResourceNotFoundException"
    assert attempt(flow="CUSTOM_AUTH")[0] == "InvalidParameterException"
    account.cognito.admin_disable_user(**user())
    assert attempt() == ("NotAuthorizedException", "User is disabled.")
    account.cognito.admin_enable_user(**user())
    assert world.sign_in(deployment, ANN, PASSWORD)["TokenType"] == "Bearer"


def test_a_global_sign_out_voids_refresh_tokens(deployment: Sandbox, account: Account) -> None:
    account.create_racer(ANN_ID, ANN)
    public = client(deployment, "cognito-idp")
    token = world.sign_in(deployment, ANN, PASSWORD)["RefreshToken"]
    refresh = {
        "ClientId": CLIENT,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": token},
    }
    assert "RefreshToken" not in public.initiate_auth(**refresh)["AuthenticationResult"]
    account.cognito.admin_user_global_sign_out(**user())
    assert refusal(public.initiate_auth, **refresh) == ("NotAuthorizedException", "Refresh Token has been revoked")


def test_groups_are_joined_and_left(account: Account) -> None:
    account.create_racer(ANN_ID, ANN)
    pool = account.cognito
    for group in ("dr-admins", "dr-racers", "dr-racers"):
        pool.admin_add_user_to_group(**user(GroupName=group))
    pool.admin_remove_user_from_group(**user(GroupName="dr-admins"))
    pool.admin_remove_user_from_group(**user(GroupName="dr-admins"))
    groups = pool.admin_list_groups_for_user(**user())["Groups"]
    assert [group["GroupName"] for group in groups] == ["dr-racers"]
    assert refusal(pool.admin_add_user_to_group, **user(GroupName="nobody"))[0] == "ResourceNotFoundException"
    unknown = {"UserPoolId": POOL, "Username": "unknownunknown1", "GroupName": "dr-racers"}
    assert refusal(pool.admin_add_user_to_group, **unknown)[0] == "UserNotFoundException"


def test_users_are_listed_sixty_at_a_time(deployment: Sandbox, account: Account) -> None:
    deployment.knobs(throttles=False)
    for number in range(70):
        attributes = [{"Name": "email", "Value": f"racer{number}@contoso.example"}]
        account.cognito.admin_create_user(
            UserPoolId=POOL, Username=f"abcdefghij{number:05}", UserAttributes=attributes, MessageAction="SUPPRESS"
        )
    first = account.cognito.list_users(UserPoolId=POOL)
    rest = account.cognito.list_users(UserPoolId=POOL, PaginationToken=first["PaginationToken"])
    assert (len(first["Users"]), len(rest["Users"]), "PaginationToken" in rest) == (60, 11, False)


def test_a_category_of_operations_has_one_limit(deployment: Sandbox, account: Account) -> None:
    account.create_racer(ANN_ID, ANN)

    def attempt(number: int) -> str:
        try:
            if number % 2:
                account.cognito.list_users(UserPoolId=POOL)
            else:
                account.cognito.admin_list_groups_for_user(**user())
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    with ThreadPoolExecutor(10) as threads:
        outcomes = set(threads.map(attempt, range(150)))
    assert outcomes == {"", "TooManyRequestsException"}
    assert account.cognito.admin_get_user(**user())["Enabled"]  # another category
    deployment.knobs(throttles=False)
    assert account.cognito.list_users(UserPoolId=POOL)["Users"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('email = "ANN@contoso.example"', 1),
        ('email ^= "ann"', 1),
        ('email = "ann"', 0),
        (f'username = "{ANN_ID}"', 1),
        ('status = "Enabled"', 2),
        ('cognito:user_status = "CONFIRMED"', 2),
    ],
)
def test_users_are_found_by_one_attribute(account: Account, expression: str, expected: int) -> None:
    account.create_racer(ANN_ID, ANN)
    assert len(account.cognito.list_users(UserPoolId=POOL, Filter=expression)["Users"]) == expected


def test_a_deleted_user_is_gone_and_the_profile_stays(deployment: Sandbox, account: Account) -> None:
    account.create_racer(ANN_ID, ANN)
    account.cognito.admin_delete_user(**user())
    assert refusal(account.cognito.admin_get_user, **user())[0] == "UserNotFoundException"
    assert refusal(account.cognito.admin_delete_user, **user())[0] == "UserNotFoundException"
    assert Api(deployment).profile(ANN)["profileId"] == ANN_ID


def test_an_invitation_is_mailed_and_renewed(deployment: Sandbox, account: Account) -> None:
    invited = user(UserAttributes=ATTRIBUTES, DesiredDeliveryMediums=["EMAIL"], TemporaryPassword="One-time-1")
    account.cognito.admin_create_user(**invited)
    account.cognito.admin_create_user(**user(MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"]))
    renewed, first = deployment.mailbox(to=ANN)
    assert (first["provider"], "One-time-1" in first["text"], "One-time-1" in renewed["text"]) == (
        "cognito",
        True,
        False,
    )
    account.cognito.admin_set_user_password(**user(Password=PASSWORD, Permanent=True))
    again = user(MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"])
    assert refusal(account.cognito.admin_create_user, **again)[0] == "UnsupportedUserStateException"


def test_without_the_role_nobody_administers_the_pool(deployment: Sandbox) -> None:
    keys = {"aws_access_key_id": "AKIASANDBOXSANDBOX00", "aws_secret_access_key": "sandbox"}
    stranger = client(deployment, "cognito-idp", **keys)
    assert refusal(stranger.admin_get_user, **user())[0] == "ResourceNotFoundException"
    admin = Api(deployment).keys
    keys = {"aws_access_key_id": admin.access_key, "aws_secret_access_key": admin.secret_key}
    signed_in = client(deployment, "cognito-idp", **keys, aws_session_token=admin.token)
    assert refusal(signed_in.admin_get_user, **user())[0] == "AccessDeniedException"


def test_an_identity_pool_takes_its_own_users_tokens_alone(deployment: Sandbox, account: Account) -> None:
    account.create_racer(ANN_ID, ANN)
    identity = client(deployment, "cognito-identity")
    tokens = world.sign_in(deployment, ANN, PASSWORD)
    logins = {PROVIDER: tokens["IdToken"]}
    identity_id = identity.get_id(IdentityPoolId=IDENTITY_POOL, Logins=logins)["IdentityId"]
    assert identity.get_id(IdentityPoolId=IDENTITY_POOL, Logins=logins)["IdentityId"] == identity_id
    for wrong, code in (
        ({}, "NotAuthorizedException"),
        ({PROVIDER: "no token"}, "NotAuthorizedException"),
        ({PROVIDER: tokens["AccessToken"]}, "NotAuthorizedException"),
        ({"accounts.google.com": tokens["IdToken"]}, "NotAuthorizedException"),
    ):
        assert refusal(identity.get_id, IdentityPoolId=IDENTITY_POOL, Logins=wrong)[0] == code, wrong
    assert refusal(identity.get_id, IdentityPoolId="eu-west-1:unknown", Logins=logins)[0] == "ResourceNotFoundException"
    stranger = {"IdentityId": f"eu-west-1:{'0' * 8}", "Logins": logins}
    assert refusal(identity.get_credentials_for_identity, **stranger)[0] == "ResourceNotFoundException"


def test_who_is_in_no_group_gets_no_credentials(deployment: Sandbox, account: Account) -> None:
    account.create_racer(ANN_ID, ANN)
    account.cognito.admin_remove_user_from_group(**user(GroupName="dr-racers"))
    with pytest.raises(ClientError, match="forbidden"):
        Api(deployment, ANN)


def test_users_and_keys_outlive_a_restart(tmp_path: Any) -> None:
    state = tmp_path / "state"
    with Sandbox(state=state) as sandbox:
        sandbox.seed(**world.seed())
        Account(sandbox).create_racer(ANN_ID, ANN)
        racer = Api(sandbox, ANN)
    with Sandbox(state=state) as sandbox:
        url = f"{sandbox.url}{world.SITE}/api/profile"
        answer = world.send(requests.Session(), racer.keys, "GET", url)
        assert answer.json()["profile"]["profileId"] == ANN_ID
