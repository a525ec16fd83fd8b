"""The REST API of a deployment on the wire: signed, throttled, refusals translated."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.conf import settings
from requests.adapters import HTTPAdapter

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig, missing_sign_in
from integrations.racing.deepracer_on_aws.refusals import (
    FIREWALL,
    explain_refusal,
    no_answer,
    over_limit,
    rejects_credentials,
)
from integrations.racing.deepracer_on_aws.sign_in import sign_in
from integrations.racing.deepracer_on_aws.site import Site, read_site
from integrations.repetition import repeat_read
from integrations.retry_after import parse_retry_after
from integrations.throttle import Limit, shared_throttle

# Each call costs the deployment a ListUsers of Cognito, which takes 30 a second from everybody.
CALLS = Limit("droa", 10, 1)
# The deployment's firewall counts calls below /admin/ per address, and blocks at 100 in five minutes.
ADMIN_CALLS = Limit("droa-admin", 80, 300)
# API Gateway gives up on a deployment after 29 seconds; deletions use them.
LONGEST_ANSWER_SECONDS = 30.0


class RestClient:
    def __init__(self, config: DeepRacerOnAwsConfig) -> None:
        self._config = config
        self._sign_in = sign_in(config)

    @repeat_read
    def read(self, path: str, **query: str) -> Mapping[str, Any]:
        return self.call("GET", path, query=query)

    def read_pages(self, path: str, field: str) -> Iterator[list[dict[str, Any]]]:
        """The lists in `field`, page by page; a page has at most a hundred items."""
        token = ""
        while True:
            answer = self.read(path, **({"token": token} if token else {}))
            yield answer.get(field) or []
            token = str(answer.get("token") or "")
            if not token:
                return

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Mapping[str, Any]:
        """Raises IntegrationError for any refusal. `path` is URL-encoded already."""
        if not self._config.signs_in:
            raise missing_sign_in()
        site = read_site(self._config.site_url)
        credentials = self._sign_in.credentials()
        self._acquire(site, path)
        seconds = timeout or settings.PROVIDER_TIMEOUT_SECONDS
        request = _build_request(method, site.api_url + path, query or {}, body)
        response = _exchange(request, credentials, site.region, seconds)
        if rejects_credentials(response):
            response = _exchange(request, self._sign_in.replace(credentials), site.region, seconds)
        try:
            return _read_answer(response)
        except IntegrationError as error:
            raise over_limit() if _is_limited(path) and error.code == FIREWALL else error from None

    def _acquire(self, site: Site, path: str) -> None:
        shared_throttle().acquire(CALLS, site.api_url)
        if _is_limited(path):
            shared_throttle().acquire(ADMIN_CALLS, site.api_url)


def _is_limited(path: str) -> bool:
    return path.startswith("/admin/")


@lru_cache
def _http() -> requests.Session:
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=32))
    return session


def _build_request(method: str, url: str, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Any:
    """The query is written into the address here, because what is signed must be what is sent, sign for sign."""
    headers = {"Accept": "application/json", "User-Agent": "Paddock"}
    data = b""
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    address = f"{url}?{urlencode(query, quote_via=quote, safe='')}" if query else url
    return AWSRequest(method=method, url=address, headers=headers, data=data)


def _exchange(request: Any, credentials: Credentials, region: str, timeout: float) -> requests.Response:
    SigV4Auth(credentials, "execute-api", region).add_auth(request)
    prepared = request.prepare()
    try:
        return _http().request(
            prepared.method,
            prepared.url,
            data=prepared.body,
            headers=dict(prepared.headers.items()),
            allow_redirects=False,
            timeout=(5, timeout),
        )
    except requests.RequestException as error:
        raise no_answer() from error


def _read_answer(response: requests.Response) -> Mapping[str, Any]:
    try:
        content = response.json() if response.content else {}
    except requests.JSONDecodeError as error:
        if response.ok:
            raise no_answer() from error
        content = None
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        kind = response.headers.get("x-amzn-ErrorType", "")
        retry_after = parse_retry_after(response.headers.get("Retry-After"))
        raise explain_refusal(response.status_code, kind, content, retry_after)
    return content if isinstance(content, dict) else {}
