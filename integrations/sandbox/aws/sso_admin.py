"""Identity Center's admin API: unique names, the real ARN form, and assignments that take a moment to come true."""

import json
import re
import secrets
import uuid
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.ssoadmin import urls
from moto.ssoadmin.models import AccountAssignment, Instance, PermissionSet, SSOAdminBackend, ssoadmin_backends
from moto.ssoadmin.responses import SSOAdminResponse

from integrations.sandbox.aws.accounts import AssignmentRequest
from integrations.sandbox.cloud import Cloud

ASSIGNMENT_SECONDS = 0.3
MAX_OUTSTANDING_ASSIGNMENTS = 15
DEFAULT_SESSION_DURATION = "PT1H"

_NAME = re.compile(r"^[\w+=,.@-]{1,32}$")
_FIELDS = ("TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId")


class SandboxSsoAdmin(SSOAdminResponse):
    cloud: ClassVar[Cloud]

    def call_action(self) -> Any:
        settle_assignments(self.cloud)
        self.ssoadmin_backend.aws_managed_policies = _load_managed_policies()
        return super().call_action()

    def create_permission_set(self) -> str:
        params = json.loads(self.body)
        instance = self._instance(params["InstanceArn"])
        if not _NAME.match(params["Name"]):
            raise _error("ValidationException", "Name must have 1 to 32 of the characters A-Z a-z 0-9 + = , . @ - _")
        if any(existing.name == params["Name"] for existing in self._permission_sets(instance.instance_arn)):
            raise _error("ConflictException", f"PermissionSet with name {params['Name']} already exists.")
        created = PermissionSet(
            params["Name"],
            params.get("Description"),
            instance.instance_arn,
            params.get("SessionDuration", DEFAULT_SESSION_DURATION),
            params.get("RelayState"),
            params.get("Tags") or [],
        )
        created.permission_set_arn = _new_arn(instance.instance_arn)
        self.ssoadmin_backend.permission_sets.append(created)
        return json.dumps({"PermissionSet": created.to_json(include_creation_date=True)})

    def update_permission_set(self) -> str:
        """Only what is given changes; moto would empty the rest."""
        params = json.loads(self.body)
        found = self._permission_set(params)
        found.description = params.get("Description", found.description)
        found.session_duration = params.get("SessionDuration", found.session_duration)
        found.relay_state = params.get("RelayState", found.relay_state)
        return "{}"

    def delete_permission_set(self) -> str:
        params = json.loads(self.body)
        found = self._permission_set(params)
        if any(a.permission_set_arn == found.permission_set_arn for a in self.ssoadmin_backend.account_assignments):
            raise _error("ConflictException", "The permission set is assigned to an account.")
        return super().delete_permission_set()

    def provision_permission_set(self) -> str:
        params = json.loads(self.body)
        found = self._permission_set(params)
        request_id = str(uuid.uuid4())
        status = {
            "Status": "SUCCEEDED",
            "RequestId": request_id,
            "AccountId": params.get("TargetId", self.current_account),
            "PermissionSetArn": found.permission_set_arn,
            "CreatedDate": self.cloud.now(),
        }
        self.cloud.aws.provisioning_requests[request_id] = status
        return json.dumps({"PermissionSetProvisioningStatus": {**status, "Status": "IN_PROGRESS"}})

    def describe_permission_set_provisioning_status(self) -> str:
        request_id = json.loads(self.body)["ProvisionPermissionSetRequestId"]
        status = self.cloud.aws.provisioning_requests.get(request_id)
        if status is None:
            raise _error("ResourceNotFoundException", f"Could not find a provisioning request with id {request_id}")
        return json.dumps({"PermissionSetProvisioningStatus": status})

    def list_accounts_for_provisioned_permission_set(self) -> str:
        found = self._permission_set(json.loads(self.body))
        assignments = self.ssoadmin_backend.account_assignments
        accounts = {a.target_id for a in assignments if a.permission_set_arn == found.permission_set_arn}
        return json.dumps({"AccountIds": sorted(accounts)})

    def create_account_assignment(self) -> str:
        params = json.loads(self.body)
        self._permission_set(params)
        self._require_principal(params)
        request = self._begin("creation", params)
        accounts = self.cloud.aws.member_accounts.get(params["InstanceArn"])
        if accounts and params["TargetId"] not in accounts:
            request.failure_reason = f"The account {params['TargetId']} is not a member of the organization."
        return json.dumps({"AccountAssignmentCreationStatus": request.as_wire()})

    def delete_account_assignment(self) -> str:
        params = json.loads(self.body)
        self._permission_set(params)
        if _find_assignment(self.ssoadmin_backend, params) is None:
            raise _error("ResourceNotFoundException", "Could not find the account assignment.")
        return json.dumps({"AccountAssignmentDeletionStatus": self._begin("deletion", params).as_wire()})

    def describe_account_assignment_creation_status(self) -> str:
        request_id = json.loads(self.body)["AccountAssignmentCreationRequestId"]
        return json.dumps({"AccountAssignmentCreationStatus": self._request("creation", request_id).as_wire()})

    def describe_account_assignment_deletion_status(self) -> str:
        request_id = json.loads(self.body)["AccountAssignmentDeletionRequestId"]
        return json.dumps({"AccountAssignmentDeletionStatus": self._request("deletion", request_id).as_wire()})

    def list_account_assignment_creation_status(self) -> str:
        params = json.loads(self.body)
        wanted = (params.get("Filter") or {}).get("Status")
        rows = [
            request.as_wire()
            for request in self.cloud.aws.assignment_requests.values()
            if request.kind == "creation" and request.instance_arn == params["InstanceArn"]
        ]
        summaries = [
            {key: row[key] for key in ("Status", "RequestId", "CreatedDate")}
            for row in rows
            if wanted in (None, row["Status"])
        ]
        return json.dumps({"AccountAssignmentsCreationStatus": summaries})

    def list_account_assignments(self) -> str:
        self._permission_set(json.loads(self.body))
        return super().list_account_assignments()

    def _begin(self, kind: Any, params: dict[str, Any]) -> AssignmentRequest:
        fields = {name: params[name] for name in _FIELDS}
        outstanding = [r for r in self.cloud.aws.assignment_requests.values() if not r.settled]
        if any(request.fields == fields for request in outstanding):
            raise _error("ConflictException", "There is a conflicting operation in progress.")
        if self.cloud.knobs.throttles and len(outstanding) >= MAX_OUTSTANDING_ASSIGNMENTS:
            raise _error("ServiceQuotaExceededException", "Too many account assignment operations are outstanding.")
        now = self.cloud.now()
        request = AssignmentRequest(
            str(uuid.uuid4()), kind, params["InstanceArn"], fields, created_at=now, ready_at=now + ASSIGNMENT_SECONDS
        )
        self.cloud.aws.assignment_requests[request.request_id] = request
        return request

    def _request(self, kind: str, request_id: str) -> AssignmentRequest:
        request = self.cloud.aws.assignment_requests.get(request_id)
        if request is None or request.kind != kind:
            raise _error("ResourceNotFoundException", f"Could not find a request with id {request_id}")
        return request

    def _require_principal(self, params: dict[str, Any]) -> None:
        instance = self._instance(params["InstanceArn"])
        store = self.cloud.aws.identity_stores.get(instance.identity_store_id)
        kind, principal_id = params["PrincipalType"], params["PrincipalId"]
        known = store is not None and principal_id in (store.groups if kind == "GROUP" else store.users)
        if not known:
            raise _error("ResourceNotFoundException", f"{kind} with id {principal_id} not found.")

    def _instance(self, instance_arn: str) -> Instance:
        for instance in self.ssoadmin_backend.instances:
            if instance.instance_arn == instance_arn:
                return instance
        raise _error("ResourceNotFoundException", f"Could not find the instance {instance_arn}")

    def _permission_sets(self, instance_arn: str) -> list[PermissionSet]:
        return [p for p in self.ssoadmin_backend.permission_sets if p.instance_arn == instance_arn]

    def _permission_set(self, params: dict[str, Any]) -> PermissionSet:
        self._instance(params["InstanceArn"])
        for found in self._permission_sets(params["InstanceArn"]):
            if found.permission_set_arn == params["PermissionSetArn"]:
                return found
        raise _error("ResourceNotFoundException", f"Could not find PermissionSet {params['PermissionSetArn']}")


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first sso-admin request."""
    SandboxSsoAdmin.cloud = cloud
    urls.url_paths["{0}/$"] = SandboxSsoAdmin.dispatch


@lru_cache
def _load_managed_policies() -> dict[str, Any]:
    """moto would read megabytes of JSON again after each reset, and for each account."""
    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return policies


def put_instance(account_id: str, region: str, *, instance_arn: str, identity_store_id: str) -> None:
    """Give the account this instance in the place of the one that moto invents."""
    backend = ssoadmin_backends[account_id][region]
    if any(instance.instance_arn == instance_arn for instance in backend.instances):
        return
    instance = Instance(account_id, region)
    instance.instance_arn, instance.identity_store_id = instance_arn, identity_store_id
    backend.instances = [instance]


def settle_assignments(cloud: Cloud) -> None:
    """Carry out the requested assignments whose moment has come."""
    for request in cloud.aws.assignment_requests.values():
        if not request.settled and request.ready_at <= cloud.now():
            request.settled = True
            if not request.failure_reason:
                _carry_out(request)
                cloud.changed.set()


def _carry_out(request: AssignmentRequest) -> None:
    backend = backend_of(request.instance_arn)
    existing = _find_assignment(backend, {"InstanceArn": request.instance_arn, **request.fields})
    if request.kind == "deletion":
        if existing is not None:
            backend.account_assignments.remove(existing)
    elif existing is None:
        values = [request.fields[name] for name in _FIELDS]
        backend.account_assignments.append(AccountAssignment(request.instance_arn, *values))


def backend_of(instance_arn: str) -> SSOAdminBackend:
    backends: Iterator[tuple[str, str, Any]] = ssoadmin_backends.iter_backends()
    for _, _, backend in backends:
        if any(instance.instance_arn == instance_arn for instance in backend.instances):
            found: SSOAdminBackend = backend
            return found
    raise LookupError(f"No account has the instance {instance_arn}")


def _find_assignment(backend: SSOAdminBackend, params: dict[str, Any]) -> AccountAssignment | None:
    wanted = [params["InstanceArn"], *(params[name] for name in _FIELDS)]
    for a in backend.account_assignments:
        row = [a.instance_arn, a.target_id, a.target_type, a.permission_set_arn, a.principal_type, a.principal_id]
        if row == wanted:
            return a
    return None


def _new_arn(instance_arn: str) -> str:
    return f"arn:aws:sso:::permissionSet/{instance_arn.rpartition('/')[2]}/ps-{secrets.token_hex(8)}"


def _error(code: str, message: str) -> JsonRESTError:
    return JsonRESTError(code, message)
