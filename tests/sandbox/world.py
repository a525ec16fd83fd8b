"""The tenant and accounts that the sandbox's own tests seed, and clients for them."""

from typing import Any
from urllib.parse import urlsplit

import boto3
import msal
import requests
from botocore.config import Config

from tests.support.sandbox import Sandbox

TENANT = "7f6a2b1c-0000-4000-8000-000000000001"
CLIENT = "5a0c7d3e-0000-4000-8000-000000000002"
SECRET = "a secret"
SERVICE_PRINCIPAL = "0e9d4c5b-0000-4000-8000-000000000003"
JOB = "aws.7f6a2b1c.job"
ACCOUNT = "111122223333"
REGION = "eu-central-1"
INSTANCE = "arn:aws:sso:::instance/ssoins-1111222233334444"
STORE = "d-1111222233"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Paddock"
EXTERNAL_ID = "paddock-external-id"
SENDER = "events@paddock.example"
APPLICATION = "0123456789abcdef0123456789abcdef"
RACING_ACCOUNT = "444455556666"
CONSOLE = "https://us-east-1.console.aws.amazon.com/deepracer/home"
SCOPES = ["https://graph.microsoft.com/.default"]


def seed() -> dict[str, Any]:
    target = {"account_id": ACCOUNT, "region": REGION, "identity_store_id": STORE}
    account = {"account_id": ACCOUNT, "region": REGION}
    tenant = {
        "tenant_id": TENANT,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "expired_secrets": ["an old secret"],
        "domains": ["contoso.example"],
        "people": [
            {"mail": "no.names@contoso.example", "given_name": None, "family_name": None},
            {"mail": "odd.name@contoso.example", "given_name": "Odd", "family_name": "<Name>"},
        ],
        "service_principal_id": SERVICE_PRINCIPAL,
        "job_id": JOB,
        "identity_center": target,
    }
    return {
        "entra": [tenant],
        "identity_center": [{**target, "instance_arn": INSTANCE}],
        "roles": [{"arn": ROLE, "external_id": EXTERNAL_ID}],
        "senders": [{**account, "email": SENDER}],
        "pinpoint": [{**account, "application_id": APPLICATION}],
        "suppressed": ["suppressed@contoso.example"],
    }


class LoginOverHttp(requests.Session):
    """What msal takes for the sign-in host: the same requests, sent to the sandbox."""

    def __init__(self, login_endpoint: str) -> None:
        super().__init__()
        self.trust_env = False
        self._endpoint = login_endpoint

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        original = urlsplit(url)
        headers = {**(options.pop("headers", None) or {}), "X-Orig-Host": original.netloc}
        return super().request(method, f"{self._endpoint}{original.path}", headers=headers, **options)


def sign_in(
    sandbox: Sandbox, credential: Any = SECRET, *, client_id: str = CLIENT, tenant_id: str = TENANT
) -> dict[str, Any]:
    application = msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        authority=f"https://login.microsoftonline.com/{tenant_id}",
        http_client=LoginOverHttp(sandbox.environment()["ENTRA_LOGIN_ENDPOINT"]),
        instance_discovery=False,
    )
    answer: dict[str, Any] = application.acquire_token_for_client(SCOPES)
    return answer


class Graph:
    """A signed-in Graph client that raises nothing: tests look at the answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = f"{sandbox.environment()['GRAPH_ENDPOINT']}/v1.0"
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Bearer {sign_in(sandbox)['access_token']}"

    def call(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        address = path if path.startswith("http") else f"{self.url}{path}"
        parameters = {f"${name}": value for name, value in query.items()}
        return self._http.request(method, address, json=body, params=parameters, timeout=30)

    def user_id(self, mail: str) -> str:
        found = self.call("GET", "/users", filter=f"mail eq '{mail}'").json()["value"]
        return str(found[0]["id"])

    def user_ids(self, count: int, prefix: str = "racer") -> list[str]:
        mails = [f"{prefix}{number}@contoso.example" for number in range(count)]
        chunks = [mails[start : start + 15] for start in range(0, count, 15)]
        ids: dict[str, str] = {}
        for chunk in chunks:
            listed = ",".join(f"'{mail}'" for mail in chunk)
            answer = self.call("GET", "/users", filter=f"mail in ({listed})").json()
            ids |= {user["mail"]: user["id"] for user in answer["value"]}
        return [ids[mail] for mail in mails]

    def create_group(self, name: str) -> str:
        body = {"displayName": name, "mailNickname": name, "mailEnabled": False, "securityEnabled": True}
        return str(self.call("POST", "/groups", body).json()["id"])

    def reference(self, user_id: str) -> str:
        return f"https://graph.microsoft.com/v1.0/directoryObjects/{user_id}"

    def add(self, group_id: str, user_id: str) -> requests.Response:
        return self.call("POST", f"/groups/{group_id}/members/$ref", {"@odata.id": self.reference(user_id)})

    def bind(self, group_id: str, user_ids: list[str]) -> requests.Response:
        body = {"members@odata.bind": [self.reference(user_id) for user_id in user_ids]}
        return self.call("PATCH", f"/groups/{group_id}", body)

    def members(self, group_id: str) -> set[str]:
        """All pages."""
        found: set[str] = set()
        address: str | None = f"/groups/{group_id}/members?$select=id&$top=999"
        while address:
            answer = self.call("GET", address).json()
            found |= {member["id"] for member in answer["value"]}
            address = answer.get("@odata.nextLink")
        return found

    def assign(self, group_id: str) -> requests.Response:
        role = self.call("GET", f"/servicePrincipals/{SERVICE_PRINCIPAL}").json()["appRoles"][0]["id"]
        body = {"principalId": group_id, "resourceId": SERVICE_PRINCIPAL, "appRoleId": role}
        return self.call("POST", f"/servicePrincipals/{SERVICE_PRINCIPAL}/appRoleAssignedTo", body)

    def push(self, group_id: str, user_ids: list[str]) -> requests.Response:
        jobs = f"/servicePrincipals/{SERVICE_PRINCIPAL}/synchronization/jobs"
        rules = self.call("GET", f"{jobs}/{JOB}/schema").json()["synchronizationRules"]
        rule = next(r["id"] for r in rules if r["objectMappings"][0]["sourceObjectName"] == "Group")
        members = [{"objectId": user_id, "objectTypeName": "User"} for user_id in user_ids]
        subject = {"objectId": group_id, "objectTypeName": "Group", "links": {"members": members}}
        body = {"parameters": [{"ruleId": rule, "subjects": [subject]}]}
        return self.call("POST", f"{jobs}/{JOB}/provisionOnDemand", body)


SESSION: Any = boto3.session.Session()  # one for all, because it remembers the descriptions of services


class Aws:
    """boto3 clients under the seeded role, without retries, so that every refusal is seen."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._url = sandbox.url
        self.sts = self.client_without_role("sts")
        assumed = self.sts.assume_role(RoleArn=ROLE, RoleSessionName="tests", ExternalId=EXTERNAL_ID)["Credentials"]
        self._keys = {
            "aws_access_key_id": assumed["AccessKeyId"],
            "aws_secret_access_key": assumed["SecretAccessKey"],
            "aws_session_token": assumed["SessionToken"],
        }

    def client(self, service: str) -> Any:
        return self._client(service, self._keys)

    def client_without_role(self, service: str) -> Any:
        """Of the account that the platform itself runs in."""
        base = {"aws_access_key_id": "AKIASANDBOXSANDBOX00", "aws_secret_access_key": "sandbox"}
        return self._client(service, base)

    def _client(self, service: str, keys: dict[str, str]) -> Any:
        config = Config(retries={"total_max_attempts": 1})
        return SESSION.client(service, region_name=REGION, endpoint_url=self._url, config=config, **keys)
