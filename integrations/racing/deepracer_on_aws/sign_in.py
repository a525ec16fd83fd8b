"""Signing in to a deployment as one of its users, for temporary credentials of AWS."""

import json
import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.credentials import Credentials
from django.conf import settings
from django.core.cache import cache as shared_cache
from django.utils.crypto import salted_hmac

from integrations import aws
from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws import sign_in_refusals
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig, missing_sign_in
from integrations.racing.deepracer_on_aws.site import Site, read_site
from integrations.shared_keys import shared_key

SERVICE = "Amazon Cognito"
# Credentials are renewed this long before they expire.
EXPIRY_MARGIN = timedelta(minutes=5)
# How long a refusal is believed, by all processes: Cognito locks a user after a few wrong passwords.
REFUSAL_SECONDS = 60

_building = threading.Lock()


class SignIn:
    """One user's credentials, kept until shortly before they expire. Thread-safe; obtained from `sign_in`."""

    def __init__(self, config: DeepRacerOnAwsConfig) -> None:
        self._config = config
        password = salted_hmac("droa-sign-in", config.admin_password, algorithm="sha256").hexdigest()
        self._refusal_key = shared_key("droa-refusal", config.site_url, config.admin_email, password)
        self._lock = threading.Lock()
        self._credentials: Credentials | None = None
        self._fresh_until = datetime.min.replace(tzinfo=UTC)

    def credentials(self) -> Credentials:
        with self._lock:
            if self._credentials is None or datetime.now(UTC) >= self._fresh_until:
                self._renew()
            return self._current()

    def replace(self, rejected: Credentials) -> Credentials:
        """Credentials other than the `rejected` ones."""
        with self._lock:
            if self._credentials is rejected:
                self._renew()
            return self._current()

    def _current(self) -> Credentials:
        if self._credentials is None:
            raise missing_sign_in()
        return self._credentials

    def _renew(self) -> None:
        self._raise_remembered_refusal()
        site = read_site(self._config.site_url)
        try:
            token = _authenticate(site, self._config.admin_email, self._config.admin_password)
            given = _exchange(site, token)
        except IntegrationError as error:
            if error.permanent:
                shared_cache.set(self._refusal_key, json.dumps([error.message, error.code]), timeout=REFUSAL_SECONDS)
            raise
        self._credentials = Credentials(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])
        self._fresh_until = given["Expiration"] - EXPIRY_MARGIN

    def _raise_remembered_refusal(self) -> None:
        if stored := shared_cache.get(self._refusal_key):
            message, code = json.loads(stored)
            raise IntegrationError(message, permanent=True, code=code)


@lru_cache(maxsize=1024)
def sign_in(config: DeepRacerOnAwsConfig) -> SignIn:
    return SignIn(config)


def _authenticate(site: Site, email: str, password: str) -> str:
    """The id token of the user."""
    client = _client("cognito-idp", site.region)
    try:
        with aws.integration_errors(SERVICE):
            answer = client.initiate_auth(
                ClientId=site.client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email, "PASSWORD": password},
            )
    except IntegrationError as error:
        raise sign_in_refusals.explain_refusal(error, email) from error
    if "AuthenticationResult" not in answer:
        raise sign_in_refusals.explain_challenge(str(answer.get("ChallengeName", "")), email)
    return str(answer["AuthenticationResult"]["IdToken"])


def _exchange(site: Site, token: str) -> dict[str, Any]:
    """Credentials of the IAM role that belongs to the user's group."""
    client = _client("cognito-identity", site.region)
    logins = {f"cognito-idp.{site.region}.amazonaws.com/{site.user_pool_id}": token}
    try:
        with aws.integration_errors(SERVICE):
            identity = client.get_id(IdentityPoolId=site.identity_pool_id, Logins=logins)["IdentityId"]
            given = client.get_credentials_for_identity(IdentityId=identity, Logins=logins)
    except IntegrationError as error:
        raise sign_in_refusals.explain_exchange(error) from error
    credentials: dict[str, Any] = given["Credentials"]
    return credentials


def _client(service_name: str, region: str) -> Any:
    # Clients are thread-safe; building them is not.
    with _building:
        return _build_client(service_name, region)


@lru_cache(maxsize=64)
def _build_client(service_name: str, region: str) -> Any:
    """These three calls are open to anybody: no credentials of Paddock's own are needed or sent."""
    config = Config(
        connect_timeout=5,
        read_timeout=settings.PROVIDER_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    return aws.new_session().create_client(service_name, region_name=region, config=config)
