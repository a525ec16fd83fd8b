"""What the sandbox itself remembers of AWS; permission sets and mail identities live in moto."""

from dataclasses import dataclass, field
from typing import Any, Literal

from integrations.sandbox.aws.identities import IdentityStore


@dataclass
class AssignmentRequest:
    """An asynchronous change of an account assignment."""

    request_id: str
    kind: Literal["creation", "deletion"]
    instance_arn: str
    fields: dict[str, str]  # TargetId, TargetType, PermissionSetArn, PrincipalType, PrincipalId
    created_at: float
    ready_at: float
    failure_reason: str = ""
    settled: bool = False

    def as_wire(self) -> dict[str, Any]:
        status = "IN_PROGRESS" if not self.settled else "FAILED" if self.failure_reason else "SUCCEEDED"
        wire: dict[str, Any] = {
            "Status": status,
            "RequestId": self.request_id,
            **self.fields,
            "CreatedDate": self.created_at,
        }
        return wire | ({"FailureReason": self.failure_reason} if status == "FAILED" else {})


@dataclass(frozen=True)
class Portal:
    """An access portal and the Identity Center instance behind it."""

    account_id: str
    region: str
    instance_arn: str
    identity_store_id: str
    path: str


@dataclass
class AwsAccounts:
    roles: dict[str, str] = field(default_factory=dict)  # role ARN → external id
    assumed_roles: dict[str, str] = field(default_factory=dict)  # access key id → assumed-role ARN
    identity_stores: dict[str, IdentityStore] = field(default_factory=dict)
    portals: dict[str, Portal] = field(default_factory=dict)  # instance ARN → portal
    member_accounts: dict[str, set[str]] = field(default_factory=dict)  # instance ARN → accounts, when they are limited
    assignment_requests: dict[str, AssignmentRequest] = field(default_factory=dict)
    provisioning_requests: dict[str, dict[str, Any]] = field(default_factory=dict)
