"""Entra's provisioning job into Identity Center: when it runs next, and pushing a few people ahead of it."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.core.cache import cache as shared_cache

from integrations.chunks import chunks
from integrations.directories.entra.client import GraphAnswer, GraphClient, GraphRequest
from integrations.directories.entra.credentials import EntraConfig
from integrations.directories.entra.job_health import JobHealth, is_running, read_health
from integrations.errors import IntegrationError
from integrations.shared_keys import shared_key
from integrations.throttle import Limit, shared_throttle

MEMBERS_PER_CALL = 5
PUSHES = Limit("provision-on-demand", 5, 10)
# One call takes up to half a minute.
CALL_TIMEOUT_SECONDS = 30
# No call is begun later than this, so that a push ends long before a worker's claim on its people does.
PUSH_SECONDS = 60
IDS_REMEMBERED_SECONDS = 600
CYCLE_REMEMBERED_SECONDS = 30
# Skipped for any other reason means: in step already.
_OUT_OF_SCOPE = {"NotEffectivelyEntitled"}

Outcome = IntegrationError | None


class Provisioning:
    """The job of `config.service_principal_id`; its id is discovered where `config.job_id` is empty."""

    def __init__(self, config: EntraConfig) -> None:
        if not config.service_principal_id:
            raise ValueError("Provisioning needs the id of the enterprise application's service principal.")
        self._config = config
        self._client = GraphClient(config)
        self._application = f"/servicePrincipals/{quote(config.service_principal_id, safe='')}"
        self._key = shared_key("entra-job", self._client.throttle_key, config.service_principal_id, config.job_id)

    def next_cycle(self) -> datetime | None:
        """When the regular cycle is due; None where none can be expected. In the past while one is running."""
        stored = shared_cache.get(f"{self._key}:cycle")
        if stored is None:
            due = _next_cycle(self._client.read(self._job_path()))
            stored = due.isoformat() if due else ""
            shared_cache.set(f"{self._key}:cycle", stored, timeout=CYCLE_REMEMBERED_SECONDS)
        return datetime.fromisoformat(stored) if stored else None

    def see_job(self) -> JobHealth:
        """How the job is, read now. Raises IntegrationError."""
        return read_health(self._client.read(self._job_path()))

    def check_push(self) -> None:
        """Raises IntegrationError where groups cannot be pushed on demand."""
        self._discover_group_rule()

    def seconds_to_push(self, count: int) -> float:
        """What the provider's own limit makes of `count` people."""
        calls = math.ceil(count / MEMBERS_PER_CALL)
        return float(math.ceil(calls / PUSHES.amount) * PUSHES.seconds)

    def push(self, group_id: str, user_ids: Sequence[str]) -> dict[str, Outcome]:
        """Pushes members of the group five a call. Whom the limit does not reach is told when to come again."""
        outcomes: dict[str, Outcome] = {}
        wanted = list(dict.fromkeys(user_ids))
        began = time.monotonic()
        for portion in chunks(wanted, MEMBERS_PER_CALL):
            try:
                if time.monotonic() - began > PUSH_SECONDS:
                    raise _postponed()
                answer = self._push_portion(group_id, portion)
            except IntegrationError as error:
                return outcomes | {user_id: error for user_id in wanted if user_id not in outcomes}
            outcomes |= _read_push(portion, answer)
        return outcomes

    def _push_portion(self, group_id: str, user_ids: Sequence[str]) -> GraphAnswer:
        subject = {
            "objectId": group_id,
            "objectTypeName": "Group",
            "links": {"members": [{"objectId": user_id, "objectTypeName": "User"} for user_id in user_ids]},
        }
        body = {"parameters": [{"ruleId": self._group_rule_id(), "subjects": [subject]}]}
        path = f"{self._job_path()}/provisionOnDemand"
        shared_throttle().acquire(PUSHES, self._key)
        answer = self._client.call(GraphRequest("POST", path, body), timeout=CALL_TIMEOUT_SECONDS)
        if answer.status == 429 or answer.status >= 500:
            raise answer.refusal()
        return answer

    def _job_path(self) -> str:
        return f"{self._application}/synchronization/jobs/{quote(self._job_id(), safe='')}"

    def _job_id(self) -> str:
        return self._config.job_id or self._remember("id", self._discover_job)

    def _group_rule_id(self) -> str:
        return self._remember("group-rule", self._discover_group_rule)

    def _remember(self, what: str, discover: Callable[[], str]) -> str:
        key = f"{self._key}:{what}"
        found = shared_cache.get(key)
        if found is None:
            found = discover()
            shared_cache.set(key, found, timeout=IDS_REMEMBERED_SECONDS)
        return str(found)

    def _discover_job(self) -> str:
        jobs = self._client.read(f"{self._application}/synchronization/jobs")["value"]
        jobs = sorted(jobs, key=lambda job: not is_running(job))
        if not jobs:
            raise IntegrationError(
                "The enterprise application has no provisioning job. Set up automatic provisioning into IAM Identity "
                "Center under Enterprise applications → Provisioning.",
                permanent=True,
                code="NoJob",
            )
        return str(jobs[0]["id"])

    def _discover_group_rule(self) -> str:
        for rule in self._client.read(f"{self._job_path()}/schema").get("synchronizationRules") or []:
            if any(mapping.get("sourceObjectName") == "Group" for mapping in rule.get("objectMappings") or []):
                return str(rule["id"])
        raise IntegrationError(
            "The provisioning job maps no groups. Enable “Provision Microsoft Entra ID Groups” under Enterprise "
            "applications → Provisioning → Mappings.",
            permanent=True,
            code="NoGroupRule",
        )


def _next_cycle(job: Mapping[str, Any]) -> datetime | None:
    health = read_health(job)
    if not health.is_running or health.ended_at is None or health.interval is None:
        return None
    due = health.ended_at + health.interval
    # A whole interval late: it does not run, whatever it says.
    return due if due > datetime.now(UTC) - max(health.interval, timedelta(minutes=1)) else None


def _postponed() -> IntegrationError:
    return IntegrationError(
        "Entra's provisioning is slow. The remaining people follow.", retry_after=PUSHES.seconds, code="Postponed"
    )


def _read_push(user_ids: Sequence[str], answer: GraphAnswer) -> dict[str, Outcome]:
    if not answer.accepted:
        return dict.fromkeys(user_ids, answer.refusal())
    # Both are strings that hold JSON.
    key, value = _parse(answer.body.get("key")), _parse(answer.body.get("value"))
    result = str(key.get("result", ""))
    steps = [step for step in value.get("provisioningSteps") or [] if isinstance(step, dict)]
    if result == "Success":
        return dict.fromkeys(user_ids)
    if result == "Skipped":
        reasons = {_reason(key), *(_reason(step) for step in steps)}
        return dict.fromkeys(user_ids, _out_of_scope() if _OUT_OF_SCOPE & reasons else None)
    return _read_failure(user_ids, result, steps)


def _read_failure(user_ids: Sequence[str], result: str, steps: Sequence[Mapping[str, Any]]) -> dict[str, Outcome]:
    """A failed step that names no person of the call is everybody's."""
    failed = [step for step in steps if str(step.get("status", "")).lower() == "failure"]
    named = {user_id: [step for step in failed if _object_id(step) == user_id] for user_id in user_ids}
    nameless = [step for step in failed if _object_id(step) not in named] or (not failed)
    return {
        user_id: _explain_failure(result, own or failed) if own or nameless else None for user_id, own in named.items()
    }


def _explain_failure(result: str, steps: Sequence[Mapping[str, Any]]) -> IntegrationError:
    texts = [str(step.get("description") or _reason(step)) for step in steps]
    reason = "; ".join(dict.fromkeys(text.rstrip(".") for text in texts if text)) or result or "no reason given"
    # The regular cycle may yet succeed, so this is no end.
    return IntegrationError(f"Entra could not push the person into Identity Center: {reason}.", code=result)


def _out_of_scope() -> IntegrationError:
    return IntegrationError(
        "Entra does not provision the event's group yet. A new assignment to the enterprise application takes some "
        "minutes; if it lasts, assign the group under Enterprise applications → Users and groups.",
        retry_after=60,
        code="NotEffectivelyEntitled",
    )


def _details(step: Mapping[str, Any]) -> Mapping[str, Any]:
    details = step.get("details")
    return details if isinstance(details, dict) else {}


def _reason(step: Mapping[str, Any]) -> str:
    details = _details(step)
    return str(details.get("reason") or details.get("SkipReason") or details.get("errorCode") or "")


def _object_id(step: Mapping[str, Any]) -> str:
    return str(_details(step).get("objectId", ""))


def _parse(text: object) -> Mapping[str, Any]:
    try:
        parsed = json.loads(str(text))
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
