"""What the deployment's web site tells about itself, to anybody, in its env.js."""

import json
import re
from dataclasses import asdict, dataclass, fields
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.cache import cache as shared_cache

from integrations.errors import IntegrationError
from integrations.repetition import repeat_read
from integrations.shared_keys import shared_key

REMEMBERED_SECONDS = 600
# The document is a few hundred bytes long; whatever is much longer is something else.
LONGEST_ANSWER_BYTES = 64 * 1024
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_AWS_API = re.compile(r"[a-z0-9-]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")


@dataclass(frozen=True)
class Site:
    """`api_url` has no slash at its end."""

    api_url: str
    region: str
    user_pool_id: str
    client_id: str
    identity_pool_id: str
    namespace: str

    @property
    def table_name(self) -> str:
        return f"{self.namespace}-DeepRacerIndy.Main"


def read_site(site_url: str, *, anew: bool = False) -> Site:
    """Remembered by all processes for ten minutes."""
    key = shared_key("droa-site", site_url)
    remembered = None if anew else shared_cache.get(key)
    if remembered is not None:
        return Site(**json.loads(remembered))
    site = _parse(site_url, _download(site_url))
    shared_cache.set(key, json.dumps(asdict(site)), timeout=REMEMBERED_SECONDS)
    return site


@repeat_read
def _download(site_url: str) -> str:
    try:
        with requests.get(
            f"{site_url.rstrip('/')}/env.js",
            # The address is an organizer's: it leads nowhere but where it says.
            allow_redirects=False,
            stream=True,
            timeout=settings.PROVIDER_TIMEOUT_SECONDS,
        ) as response:
            content = _read_start(response)
    except (requests.ConnectionError, requests.Timeout) as error:
        raise _unreachable(site_url) from error
    except requests.RequestException as error:
        raise _not_a_site(site_url) from error
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise _unreachable(site_url)
    if response.status_code != HTTPStatus.OK:
        raise _not_a_site(site_url)
    return content.decode("utf-8", "replace")


def _read_start(response: requests.Response) -> bytes:
    content = b""
    for part in response.iter_content(LONGEST_ANSWER_BYTES):
        content += part
        if len(content) >= LONGEST_ANSWER_BYTES:
            break
    return content


def _parse(site_url: str, script: str) -> Site:
    """`script` assigns one JSON object. A site that has no env.js answers with its start page instead."""
    start, end = script.find("{"), script.rfind("}")
    try:
        told = json.loads(script[start : end + 1])
    except ValueError as error:
        raise _not_a_site(site_url) from error
    site = _to_site(told) if "EnvironmentConfig" in script[:start] and isinstance(told, dict) else None
    if site is None or not _is_trustworthy(site, site_url):
        raise _not_a_site(site_url)
    return site


def _to_site(told: dict[str, Any]) -> Site | None:
    """None when something is missing."""
    site = Site(
        api_url=str(told.get("apiEndpointUrl", "")).rstrip("/"),
        region=str(told.get("region", "")),
        user_pool_id=str(told.get("userPoolId", "")),
        client_id=str(told.get("userPoolClientId", "")),
        identity_pool_id=str(told.get("identityPoolId", "")),
        namespace=str(told.get("namespace") or "default"),
    )
    return site if all(getattr(site, field.name) for field in fields(site)) else None


def _is_trustworthy(site: Site, site_url: str) -> bool:
    """Paddock signs calls to the API and sends a password to the region: to AWS alone, or to the site's own host."""
    api = urlsplit(site.api_url)
    on_aws = api.scheme == "https" and _AWS_API.fullmatch(api.netloc) is not None
    return bool(_REGION.fullmatch(site.region)) and (on_aws or api.netloc == urlsplit(site_url).netloc)


def _unreachable(site_url: str) -> IntegrationError:
    return IntegrationError(
        f"The site {site_url} does not answer. Check its address in the sponsoring account; Paddock tries again.",
        retry_after=10,
        code="Unreachable",
    )


def _not_a_site(site_url: str) -> IntegrationError:
    return IntegrationError(
        f"There is no DeepRacer on AWS at {site_url}. Save the address of its home page, without what may follow the "
        "host name, as the site URL of the sponsoring account.",
        permanent=True,
        code="NotADeployment",
    )
