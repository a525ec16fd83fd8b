"""The event groups' way into the sponsoring accounts."""

from collections.abc import Sequence

from events.domain.access import MULTI_USER_POLICY, name_group
from events.domain.connections import open_identity_center
from events.models import EventAccount
from integrations.directories.identity_center.directory import IdentityCenter
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, Wait
from participants.models import Step


@step_kind(
    "assignment",
    title="Group's access to the sponsoring account",
    promise="The event's account is opened",
    batch_size=1,
    needs=("group",),
)
def ensure_assignment(steps: Sequence[Step]) -> dict[int, Outcome]:
    (step,) = steps
    center = open_identity_center(step.event)
    # DeepRacer on AWS lets people in by its own user pool.
    accounts = [account for account in step.event.accounts.all() if account.sponsoring_account.is_multi_user]
    waits = [wait for account in accounts if (wait := _assign(center, account))]
    return {step.pk: waits[0] if waits else Done()}


def _assign(center: IdentityCenter, account: EventAccount) -> Wait | None:
    """None where the group holds the permission set on the account."""
    group_id = center.find_group(name_group(account))
    if group_id is None:
        return Wait("The event's group has not reached IAM Identity Center yet.")
    arn = _ensure_permission_set(center, account)
    EventAccount.objects.filter(pk=account.pk).update(identity_center_group_id=group_id, permission_set_arn=arn)
    account_id = account.sponsoring_account.account_id
    if center.ensure_assignment(permission_set_arn=arn, account_id=account_id, group_id=group_id):
        return None
    return Wait("IAM Identity Center is opening the sponsoring account to the group.")


def _ensure_permission_set(center: IdentityCenter, account: EventAccount) -> str:
    return center.ensure_permission_set(
        name=account.event.permission_set_name,
        managed_policy_arns=[MULTI_USER_POLICY],
        session_duration_seconds=account.event.session_minutes * 60,
        relay_state=account.sponsoring_account.console_url,
        description="Racers of Paddock's events.",
    )
