"""Permission sets and their assignment to groups, brought into being step by step, as often as one likes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache as shared_cache

from integrations.directories.identity_center.client import IdentityCenterClient
from integrations.errors import IntegrationError
from integrations.repetition import repeat_read
from integrations.shared_keys import shared_key

if TYPE_CHECKING:
    from mypy_boto3_sso_admin.type_defs import AccountAssignmentOperationStatusTypeDef, PermissionSetTypeDef

# Longer than AWS has ever been seen to work on an assignment.
REQUEST_REMEMBERED_SECONDS = 3600
_FAILED = "AssignmentFailed"


@dataclass(frozen=True)
class PermissionSet:
    name: str
    managed_policy_arns: tuple[str, ...]
    session_duration_seconds: int
    relay_state: str
    description: str


@dataclass(frozen=True)
class SeenPermissionSet:
    """A permission set as AWS has it. `session_duration` is ISO 8601, as `format_duration` writes it."""

    arn: str
    managed_policy_arns: frozenset[str]
    session_duration: str


def see_permission_set(client: IdentityCenterClient, name: str) -> SeenPermissionSet | None:
    found = _find_permission_set(client, name)
    if found is None:
        return None
    arn = found["PermissionSetArn"]
    return SeenPermissionSet(arn, frozenset(_list_policies(client, arn)), found.get("SessionDuration", ""))


def ensure_permission_set(client: IdentityCenterClient, wanted: PermissionSet) -> str:
    existing = _find_permission_set(client, wanted.name)
    if existing is None:
        arn = _create(client, wanted)
    else:
        arn = existing["PermissionSetArn"]
        _update_if_different(client, existing, wanted)
    _attach_missing_policies(client, arn, wanted)
    _provision_if_outdated(client, arn)
    return arn


def _find_permission_set(client: IdentityCenterClient, name: str) -> "PermissionSetTypeDef | None":
    """AWS has no look-up by name."""
    instance = client.config.instance_arn
    for arn in _pages(client, "list_permission_sets", "PermissionSets", InstanceArn=instance):
        found = _describe(client, arn)
        if found.get("Name") == name:
            return found
    return None


@repeat_read
def _describe(client: IdentityCenterClient, arn: str) -> "PermissionSetTypeDef":
    with client.sso_admin() as admin:
        answer = admin.describe_permission_set(InstanceArn=client.config.instance_arn, PermissionSetArn=arn)
    return answer["PermissionSet"]


def _create(client: IdentityCenterClient, wanted: PermissionSet) -> str:
    request: dict[str, Any] = {"Name": wanted.name, **_settings(wanted)}
    with client.sso_admin() as admin:
        answer = admin.create_permission_set(InstanceArn=client.config.instance_arn, **request)
    return answer["PermissionSet"]["PermissionSetArn"]


def _update_if_different(client: IdentityCenterClient, existing: "PermissionSetTypeDef", wanted: PermissionSet) -> None:
    settings = _settings(wanted)
    if any(existing.get(name) != value for name, value in settings.items()):
        with client.sso_admin() as admin:
            admin.update_permission_set(
                InstanceArn=client.config.instance_arn, PermissionSetArn=existing["PermissionSetArn"], **settings
            )


def _settings(wanted: PermissionSet) -> dict[str, Any]:
    """Empty ones are left out: AWS takes no empty text."""
    settings = {
        "SessionDuration": format_duration(wanted.session_duration_seconds),
        "RelayState": wanted.relay_state,
        "Description": wanted.description,
    }
    return {name: value for name, value in settings.items() if value}


def format_duration(seconds: int) -> str:
    """ISO 8601 in hours and minutes; AWS allows one hour to twelve."""
    hours, minutes = divmod(seconds // 60, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes or not hours else "")


def _attach_missing_policies(client: IdentityCenterClient, arn: str, wanted: PermissionSet) -> None:
    attached = _list_policies(client, arn)
    for policy_arn in wanted.managed_policy_arns:
        if policy_arn not in attached:
            _attach(client, arn, policy_arn)


def _list_policies(client: IdentityCenterClient, arn: str) -> set[str]:
    listed = _pages(
        client,
        "list_managed_policies_in_permission_set",
        "AttachedManagedPolicies",
        InstanceArn=client.config.instance_arn,
        PermissionSetArn=arn,
    )
    return {policy["Arn"] for policy in listed}


def _attach(client: IdentityCenterClient, arn: str, policy_arn: str) -> None:
    try:
        with client.sso_admin() as admin:
            admin.attach_managed_policy_to_permission_set(
                InstanceArn=client.config.instance_arn, PermissionSetArn=arn, ManagedPolicyArn=policy_arn
            )
    except IntegrationError as error:
        # Attached by somebody else meanwhile.
        if error.code != "ConflictException":
            raise


def _provision_if_outdated(client: IdentityCenterClient, arn: str) -> None:
    """A change reaches accounts that already have the set only through this call.

    Asking AWS, rather than remembering what was changed, also mends a run that died before this point.
    """
    instance = client.config.instance_arn
    outdated = _pages(
        client,
        "list_accounts_for_provisioned_permission_set",
        "AccountIds",
        InstanceArn=instance,
        PermissionSetArn=arn,
        ProvisioningStatus="LATEST_PERMISSION_SET_NOT_PROVISIONED",
    )
    if not any(outdated):
        return
    try:
        with client.sso_admin() as admin:
            admin.provision_permission_set(
                InstanceArn=instance, PermissionSetArn=arn, TargetType="ALL_PROVISIONED_ACCOUNTS"
            )
    except IntegrationError as error:
        # Already under way.
        if error.code != "ConflictException":
            raise


def is_assigned(client: IdentityCenterClient, permission_set_arn: str, account_id: str, group_id: str) -> bool:
    assignments = _pages(
        client,
        "list_account_assignments",
        "AccountAssignments",
        InstanceArn=client.config.instance_arn,
        AccountId=account_id,
        PermissionSetArn=permission_set_arn,
    )
    return any(a.get("PrincipalType") == "GROUP" and a.get("PrincipalId") == group_id for a in assignments)


def ensure_assignment(client: IdentityCenterClient, permission_set_arn: str, account_id: str, group_id: str) -> bool:
    key = _request_key(client, permission_set_arn, account_id, group_id)
    if request_id := shared_cache.get(key):
        in_progress = _is_in_progress(client, request_id, key)
        if in_progress:
            return False
    if is_assigned(client, permission_set_arn, account_id, group_id):
        return True
    request_id = _request_assignment(client, permission_set_arn, account_id, group_id)
    if request_id is None:
        return False
    shared_cache.set(key, request_id, timeout=REQUEST_REMEMBERED_SECONDS)
    return not _is_in_progress(client, request_id, key)


def is_being_assigned(client: IdentityCenterClient, permission_set_arn: str, account_id: str, group_id: str) -> bool:
    """Whether a request of ours is still at work, and may yet bring the assignment about."""
    key = _request_key(client, permission_set_arn, account_id, group_id)
    request_id = shared_cache.get(key)
    try:
        return bool(request_id) and _is_in_progress(client, request_id, key)
    except IntegrationError as error:
        if error.code == _FAILED:
            return False
        raise


def _request_key(client: IdentityCenterClient, permission_set_arn: str, account_id: str, group_id: str) -> str:
    """AWS lists requests without saying what they are about, so Paddock remembers its own."""
    return shared_key("assignment-request", client.config.instance_arn, permission_set_arn, account_id, group_id)


def _request_assignment(
    client: IdentityCenterClient, permission_set_arn: str, account_id: str, group_id: str
) -> str | None:
    """The id of the request; None when AWS is already working on the same one."""
    try:
        with client.sso_admin() as admin:
            status = admin.create_account_assignment(
                InstanceArn=client.config.instance_arn,
                TargetId=account_id,
                TargetType="AWS_ACCOUNT",
                PermissionSetArn=permission_set_arn,
                PrincipalType="GROUP",
                PrincipalId=group_id,
            )["AccountAssignmentCreationStatus"]
    except IntegrationError as error:
        if error.code == "ConflictException":
            return None
        if error.code == "ServiceQuotaExceededException":
            raise _too_many_at_work() from error
        raise
    return status["RequestId"]


def _too_many_at_work() -> IntegrationError:
    return IntegrationError(
        "AWS is working on as many assignments as it takes at a time. Paddock tries again.",
        retry_after=30,
        code="ServiceQuotaExceededException",
    )


def _is_in_progress(client: IdentityCenterClient, request_id: str, key: str) -> bool:
    """Forgets a request that has come to an end; raises IntegrationError when it failed."""
    with client.sso_admin() as admin:
        status = admin.describe_account_assignment_creation_status(
            InstanceArn=client.config.instance_arn, AccountAssignmentCreationRequestId=request_id
        )["AccountAssignmentCreationStatus"]
    if status.get("Status") == "IN_PROGRESS":
        return True
    shared_cache.delete(key)
    if status.get("Status") == "FAILED":
        raise _explain_failure(status)
    return False


def _explain_failure(status: "AccountAssignmentOperationStatusTypeDef") -> IntegrationError:
    reason = status.get("FailureReason", "AWS gave no reason").rstrip(".")
    return IntegrationError(
        f"IAM Identity Center could not assign the group to the account: {reason}. Mend that and run the set-up again.",
        permanent=True,
        code=_FAILED,
    )


def _pages(client: IdentityCenterClient, operation: str, field: str, **request: Any) -> Iterator[Any]:
    """The items of all pages; each page waits for its turn."""
    while True:
        answer = _read_page(client, operation, request)
        yield from answer.get(field, [])
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


@repeat_read
def _read_page(client: IdentityCenterClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    with client.sso_admin() as admin:
        answer: dict[str, Any] = getattr(admin, operation)(**request, MaxResults=100)
    return answer
