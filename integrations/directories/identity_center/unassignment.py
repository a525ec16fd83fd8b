"""Taking a group's way into an account away again."""

from typing import TYPE_CHECKING

from django.core.cache import cache as shared_cache

from integrations.directories.identity_center.client import IdentityCenterClient
from integrations.directories.identity_center.permissions import (
    REQUEST_REMEMBERED_SECONDS,
    is_assigned,
    is_being_assigned,
)
from integrations.errors import IntegrationError
from integrations.shared_keys import shared_key

if TYPE_CHECKING:
    from mypy_boto3_sso_admin.type_defs import AccountAssignmentOperationStatusTypeDef

# AWS is at work on this assignment already, in either direction, or takes no more of them for the moment.
_BUSY = {"ConflictException", "ServiceQuotaExceededException"}
_GONE = "ResourceNotFoundException"


def remove_assignment(client: IdentityCenterClient, permission_set_arn: str, account_id: str, group_id: str) -> bool:
    """AWS deletes after it has answered, so only a look tells; its request tells why when nothing changes."""
    key = shared_key("unassignment-request", client.config.instance_arn, permission_set_arn, account_id, group_id)
    if (request_id := shared_cache.get(key)) and _is_in_progress(client, request_id, key):
        return False
    if is_being_assigned(client, permission_set_arn, account_id, group_id):
        return False
    if not is_assigned(client, permission_set_arn, account_id, group_id):
        return True
    request_id = _request_removal(client, permission_set_arn, account_id, group_id)
    if request_id:
        shared_cache.set(key, request_id, timeout=REQUEST_REMEMBERED_SECONDS)
    return False


def _request_removal(client: IdentityCenterClient, permission_set_arn: str, account_id: str, group_id: str) -> str:
    """The id of the request; empty where the next look will tell."""
    try:
        with client.sso_admin() as admin:
            status = admin.delete_account_assignment(
                InstanceArn=client.config.instance_arn,
                TargetId=account_id,
                TargetType="AWS_ACCOUNT",
                PermissionSetArn=permission_set_arn,
                PrincipalType="GROUP",
                PrincipalId=group_id,
            )["AccountAssignmentDeletionStatus"]
    except IntegrationError as error:
        if error.code == _GONE or error.code in _BUSY:
            return ""
        raise
    return status["RequestId"]


def _is_in_progress(client: IdentityCenterClient, request_id: str, key: str) -> bool:
    """Forgets a request that has come to an end; raises IntegrationError when it failed."""
    with client.sso_admin() as admin:
        status = admin.describe_account_assignment_deletion_status(
            InstanceArn=client.config.instance_arn, AccountAssignmentDeletionRequestId=request_id
        )["AccountAssignmentDeletionStatus"]
    if status.get("Status") == "IN_PROGRESS":
        return True
    shared_cache.delete(key)
    if status.get("Status") == "FAILED":
        raise _explain_failure(status)
    return False


def _explain_failure(status: "AccountAssignmentOperationStatusTypeDef") -> IntegrationError:
    reason = status.get("FailureReason", "AWS gave no reason").rstrip(".")
    return IntegrationError(
        f"IAM Identity Center could not take the group's access to the account away: {reason}. Mend that and try "
        "again, or remove the assignment in IAM Identity Center by hand.",
        permanent=True,
        code="UnassignmentFailed",
    )
