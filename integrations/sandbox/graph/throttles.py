"""Graph's own limits of the identity services, per application and tenant."""

import math
import re

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph.wire import GraphAnswer, GraphError, GraphRequest

WRITES, WRITE_SECONDS = 3_000, 150
RESOURCE_UNITS, RESOURCE_UNIT_SECONDS = 8_000, 10
PUSHES, PUSH_SECONDS = 5, 10
USERS_PER_WRITE = 3
BUSY_ABOVE = 0.8
SMALL_PAGE = 20

_MEMBERS = re.compile(r"^/groups/[^/]+/members$")


def take(cloud: Cloud, request: GraphRequest) -> dict[str, str]:
    """Charge one request; returns the headers that report usage, or raises GraphError 429 and charges nothing."""
    units, writes = resource_units(request), write_cost(request)
    headers = {"x-ms-resource-unit": str(units)}
    if not cloud.knobs.throttles:
        return headers
    key, now = f"{request.client_id}/{request.tenant.tenant_id}", cloud.now()
    unit_window = cloud.windows.window("graph units", key, amount=RESOURCE_UNITS, seconds=RESOURCE_UNIT_SECONDS)
    write_window = cloud.windows.window("graph writes", key, amount=WRITES, seconds=WRITE_SECONDS)
    if wait := write_window.seconds_until_free(writes, now) if writes else 0.0:
        raise _refuse(cloud, key, "WriteLimitExceeded", wait)
    if wait := unit_window.seconds_until_free(units, now):
        raise _refuse(cloud, key, "ResourceUnitLimitExceeded", wait)
    unit_window.take(units, now)
    write_window.take(writes, now)
    used = max(unit_window.share_used(now), write_window.share_used(now))
    return headers | ({"x-ms-throttle-limit-percentage": f"{used:.1f}"} if used > BUSY_ABOVE else {})


def take_push(cloud: Cloud, request: GraphRequest) -> None:
    """On-demand provisioning has a limit of its own."""
    if not cloud.knobs.throttles:
        return
    window = cloud.windows.window("push", request.tenant.job_id, amount=PUSHES, seconds=PUSH_SECONDS)
    now = cloud.now()
    if wait := window.seconds_until_free(1, now):
        key = f"{request.client_id}/{request.tenant.tenant_id}"
        raise _refuse(cloud, key, "ProvisionOnDemandLimitExceeded", wait)
    window.take(1, now)


def too_many_requests(retry_after: float) -> GraphAnswer:
    """An injected 429, for a whole call or one item of a batch."""
    return _too_many("injected", "CPULimitExceeded", retry_after).answer()


def resource_units(request: GraphRequest) -> int:
    if request.method != "GET":
        return 1
    units = 2 if request.path == "/users" else 3 if _MEMBERS.match(request.path) else 1
    top = request.query.get("$top", "")
    units -= 1 if "$select" in request.query else 0
    units -= 1 if top.isdigit() and int(top) < SMALL_PAGE else 0
    units += 1 if "$expand" in request.query else 0
    return max(units, 1)


def write_cost(request: GraphRequest) -> int:
    """One per change; members bound by PATCH cost about one for every three."""
    if request.method == "GET":
        return 0
    references = request.body.get("members@odata.bind") if isinstance(request.body, dict) else None
    return math.ceil(len(references) / USERS_PER_WRITE) if isinstance(references, list) and references else 1


def _refuse(cloud: Cloud, key: str, information: str, wait: float) -> GraphError:
    cloud.calls.count("throttled", information)
    return _too_many(key, information, wait)


def _too_many(key: str, information: str, wait: float) -> GraphError:
    headers = {
        "Retry-After": str(math.ceil(wait)),
        "x-ms-throttle-scope": f"Tenant_Application/ReadWrite/{key}",
        "x-ms-throttle-information": information,
    }
    return GraphError(429, "TooManyRequests", "Too Many Requests", headers)
