"""The provisioning job of the enterprise application, its schema, and the push on demand."""

import json
import uuid
from typing import Any

from integrations.sandbox import sync
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph import throttles
from integrations.sandbox.graph.applications import require_application
from integrations.sandbox.graph.groups import require_group
from integrations.sandbox.graph.store import Tenant
from integrations.sandbox.graph.users import require_user
from integrations.sandbox.graph.wire import GraphAnswer, GraphRequest, bad_request, not_found, timestamp

MAX_PUSHED_MEMBERS = 5


def list_jobs(cloud: Cloud, request: GraphRequest, service_principal_id: str) -> GraphAnswer:
    tenant = require_application(request.tenant, service_principal_id)
    return GraphAnswer(200, {"value": [_job(cloud, tenant)]})


def get_job(cloud: Cloud, request: GraphRequest, service_principal_id: str, job_id: str) -> GraphAnswer:
    return GraphAnswer(200, _job(cloud, _require_job(request.tenant, service_principal_id, job_id)))


def get_schema(cloud: Cloud, request: GraphRequest, service_principal_id: str, job_id: str) -> GraphAnswer:
    tenant = _require_job(request.tenant, service_principal_id, job_id)
    rules = [_rule(tenant, kind, priority) for priority, kind in enumerate(("User", "Group"), start=1)]
    return GraphAnswer(200, {"id": job_id, "version": "v1.0", "synchronizationRules": rules})


def provision_on_demand(cloud: Cloud, request: GraphRequest, service_principal_id: str, job_id: str) -> GraphAnswer:
    """Push one user, or one group with at most five of its members, without waiting for the cycle."""
    tenant = _require_job(request.tenant, service_principal_id, job_id)
    subject = _only_subject(tenant, request.body)
    throttles.take_push(cloud, request)
    if subject.get("objectTypeName") == "User":
        push = sync.push_user(cloud, tenant, require_user(tenant, str(subject["objectId"])))
    else:
        group = require_group(tenant, str(subject["objectId"]))
        push = sync.push_members(cloud, tenant, group, _member_ids(subject))
    return GraphAnswer(200, _push_result(request, push))


def _only_subject(tenant: Tenant, body: Any) -> dict[str, Any]:
    parameters = body.get("parameters") if isinstance(body, dict) else None
    if not isinstance(parameters, list) or len(parameters) != 1:
        raise bad_request("Exactly one element of 'parameters' is supported.", code="InvalidParameter")
    subjects = parameters[0].get("subjects")
    if not isinstance(subjects, list) or len(subjects) != 1 or not subjects[0].get("objectId"):
        raise bad_request("Exactly one subject with an 'objectId' is supported.", code="InvalidParameter")
    subject: dict[str, Any] = subjects[0]
    kind = subject.get("objectTypeName")
    if kind not in ("User", "Group") or parameters[0].get("ruleId") != rule_id(tenant, kind):
        raise bad_request("'ruleId' is not the rule that maps objects of this 'objectTypeName'.", code="InvalidRule")
    return subject


def _member_ids(subject: dict[str, Any]) -> list[str]:
    members = subject.get("links", {}).get("members", [])
    if len(members) > MAX_PUSHED_MEMBERS:
        raise bad_request(
            f"{len(members)} members were given; at most {MAX_PUSHED_MEMBERS} can be provisioned on demand at a time.",
            code="TooManyMembers",
        )
    return [str(member["objectId"]) for member in members]


def _push_result(request: GraphRequest, push: sync.Push) -> dict[str, Any]:
    """Key and value are strings that hold JSON, as in the real answer."""
    steps = [
        {
            "name": "EntryExport",
            "type": "Export",
            "status": step.status,
            "description": step.description,
            "timestamp": timestamp(step.at),
            "details": {"objectId": step.object_id, "reason": step.reason},
        }
        for step in push.steps
    ]
    reasons = sorted({step.reason for step in push.steps if step.reason})
    details = {"errorCode" if push.result == "Failure" else "SkipReason": reasons[0]} if reasons else {}
    return {
        "@odata.context": f"{request.base_url}/$metadata#microsoft.graph.stringKeyStringValuePair",
        "key": json.dumps({"result": push.result, "details": details}),
        "value": json.dumps({"provisioningSteps": steps, "statusInfo": {"status": push.result, **details}}),
    }


def _require_job(tenant: Tenant, service_principal_id: str, job_id: str) -> Tenant:
    require_application(tenant, service_principal_id)
    if job_id != tenant.job_id:
        raise not_found(job_id)
    return tenant


def _job(cloud: Cloud, tenant: Tenant) -> dict[str, Any]:
    execution = {
        "activityIdentifier": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant.job_id}/{tenant.job.began_at}")),
        "state": "Succeeded",
        "error": None,
        "timeBegan": timestamp(tenant.job.began_at),
        "timeEnded": timestamp(tenant.job.ended_at),
        "countExported": sum(len(members) for members in tenant.job.exported.members.values()),
    }
    knobs = cloud.knobs
    quarantine = {
        "reason": "EncounteredEscrowProportionThreshold",
        "error": {"code": "EscrowThreshold", "message": "Too many people could not be provisioned."},
        "seriesCount": 0,
    }
    return {
        "id": tenant.job_id,
        "templateId": "aws",
        "schedule": {
            "expiration": None,
            "interval": _duration(knobs.sync_interval_seconds),
            "state": "Disabled" if knobs.sync_paused else "Active",
        },
        "status": {
            "code": "Quarantine" if knobs.sync_quarantined else "Paused" if knobs.sync_paused else "Active",
            "countSuccessiveCompleteFailures": 0,
            "escrowsPruned": False,
            "quarantine": quarantine if knobs.sync_quarantined else None,
            "lastExecution": execution,
            "lastSuccessfulExecution": execution,
        },
    }


def _duration(seconds: float) -> str:
    """ISO 8601, in minutes where it comes out even: PT40M, PT90S, PT0.5S."""
    if seconds % 60 == 0:
        return f"PT{int(seconds // 60)}M"
    return f"PT{seconds:g}S"


def rule_id(tenant: Tenant, kind: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant.job_id}/{kind}"))


def _rule(tenant: Tenant, kind: str, priority: int) -> dict[str, Any]:
    mapping = {
        "enabled": True,
        "flowTypes": "Add,Update,Delete",
        "name": f"Provision Microsoft Entra ID {kind}s",
        "sourceObjectName": kind,
        "targetObjectName": f"urn:ietf:params:scim:schemas:core:2.0:{kind}",
    }
    return {
        "id": rule_id(tenant, kind),
        "name": f"{kind.upper()}_OUTBOUND_{kind.upper()}",
        "priority": priority,
        "editable": True,
        "sourceDirectoryName": "Microsoft Entra ID",
        "targetDirectoryName": "AWS IAM Identity Center",
        "objectMappings": [mapping],
    }
