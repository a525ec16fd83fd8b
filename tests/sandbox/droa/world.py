"""The deployment of DeepRacer on AWS that the sandbox's own tests seed, and clients for it."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import requests
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from tests.support.sandbox import Sandbox

ACCOUNT = "777788889999"
REGION = "eu-west-1"
NAMESPACE = "spring"
SITE = "/droa/spring"
POOL = "eu-west-1_Spring123"
CLIENT = "3n4springclientspringclient"
IDENTITY_POOL = "eu-west-1:7f6a2b1c-1111-4000-8000-000000000001"
ADMIN = "admin@contoso.example"
PASSWORD = "An0ther-Password"
TABLE = "spring-DeepRacerIndy.Main"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Paddock"
EXTERNAL_ID = "droa-external-id"
PROVIDER = f"cognito-idp.{REGION}.amazonaws.com/{POOL}"
TRACK = {"trackId": "reinvent_base", "trackDirection": "COUNTER_CLOCKWISE"}

_session: Any = boto3.session.Session()  # one for all, because it remembers the descriptions of services


def seed(**changes: Any) -> dict[str, Any]:
    deployment = {
        "account_id": ACCOUNT,
        "region": REGION,
        "namespace": NAMESPACE,
        "site_path": SITE,
        "user_pool_id": POOL,
        "client_id": CLIENT,
        "identity_pool_id": IDENTITY_POOL,
        "admin_email": ADMIN,
        "admin_password": PASSWORD,
        **changes,
    }
    return {"deepracer_on_aws": [deployment], "roles": [{"arn": ROLE, "external_id": EXTERNAL_ID}]}


def client(sandbox: Sandbox, service: str, **keys: Any) -> Any:
    """Without keys: unsigned, as sign-in is."""
    signing = {} if keys else {"signature_version": UNSIGNED}
    config = Config(retries={"total_max_attempts": 1}, **signing)
    return _session.client(service, region_name=REGION, endpoint_url=sandbox.url, config=config, **keys)


class Account:
    """The sponsoring account by its cross-account role: what AssumeRole gives."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        sts = client(sandbox, "sts", aws_access_key_id="AKIASANDBOXSANDBOX00", aws_secret_access_key="sandbox")
        assumed = sts.assume_role(RoleArn=ROLE, RoleSessionName="tests", ExternalId=EXTERNAL_ID)["Credentials"]
        self.keys = {
            "aws_access_key_id": assumed["AccessKeyId"],
            "aws_secret_access_key": assumed["SecretAccessKey"],
            "aws_session_token": assumed["SessionToken"],
        }
        self.cognito = self.client("cognito-idp")

    def client(self, service: str) -> Any:
        return client(self._sandbox, service, **self.keys)

    def create_racer(self, username: str, email: str, *, password: str = PASSWORD, **more: Any) -> None:
        """Silently, signed up for good, in the group of racers."""
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        user = {"UserPoolId": POOL, "Username": username}
        self.cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS", **more)
        self.cognito.admin_add_user_to_group(**user, GroupName="dr-racers")
        self.cognito.admin_set_user_password(**user, Password=password, Permanent=True)


class Api:
    """The REST API for one signed-in user; raises nothing, tests look at the answers."""

    def __init__(self, sandbox: Sandbox, email: str = ADMIN, password: str = PASSWORD) -> None:
        self.url = f"{sandbox.url}{SITE}/api"
        self._http = requests.Session()
        self._http.trust_env = False
        self.keys = identity_keys(sandbox, sign_in(sandbox, email, password)["IdToken"])

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return send(self._http, self.keys, method, f"{self.url}{path}", body)

    def pages(self, path: str, name: str) -> Iterator[list[dict[str, Any]]]:
        token = ""
        while True:
            answer = self.call("GET", f"{path}?token={requests.utils.quote(token)}" if token else path).json()
            yield answer[name]
            token = answer.get("token", "")
            if not token:
                return

    def profiles(self) -> dict[str, dict[str, Any]]:
        """By e-mail address."""
        return {row["emailAddress"]: row for rows in self.pages("/profiles", "profiles") for row in rows}

    def profile(self, email: str) -> dict[str, Any]:
        return self.profiles()[email]


def sign_in(sandbox: Sandbox, email: str, password: str) -> dict[str, Any]:
    cognito = client(sandbox, "cognito-idp")
    parameters = {"USERNAME": email, "PASSWORD": password}
    answer = cognito.initiate_auth(ClientId=CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result


def identity_keys(sandbox: Sandbox, id_token: str) -> Credentials:
    identity = client(sandbox, "cognito-identity")
    logins = {PROVIDER: id_token}
    identity_id = identity.get_id(IdentityPoolId=IDENTITY_POOL, Logins=logins)["IdentityId"]
    keys = identity.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretKey"], keys["SessionToken"])


def send(
    http: requests.Session, keys: Credentials, method: str, url: str, body: Any = None, *, service: str = "execute-api"
) -> requests.Response:
    content = json.dumps(body).encode() if body is not None else b""
    headers = {"Content-Type": "application/json"} if content else {}
    request: Any = AWSRequest(method, url, headers, content)
    signer: Any = SigV4Auth(keys, service, REGION)
    signer.add_auth(request)
    return http.request(method, url, data=content, headers=dict(request.headers), timeout=30)


def model_definition(name: str = "first", *, minutes: int = 60, **config: Any) -> dict[str, Any]:
    training = {"trackConfig": TRACK, "maxTimeInMinutes": minutes, "raceType": "TIME_TRIAL", **config}
    metadata = {
        "agentAlgorithm": "PPO",
        "rewardFunction": "def reward_function(params):\n    return 1.0\n",
        "hyperparameters": {},
        "actionSpace": {},
        "sensors": {"camera": "FRONT_FACING_CAMERA"},
    }
    car = {"carColor": "BLUE", "carShell": "DEEPRACER"}
    return {"name": name, "carCustomization": car, "trainingConfig": training, "metadata": metadata}
