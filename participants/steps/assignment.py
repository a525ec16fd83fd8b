"""The event group's way into the sponsoring account."""

from collections.abc import Sequence

from events.domain.connections import open_identity_center
from events.models import Event
from integrations.directories.identity_center.directory import IdentityCenter
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, Wait
from participants.models import Step
from participants.steps.group import name_group

MULTI_USER_POLICY = "arn:aws:iam::aws:policy/AWSDeepRacerDefaultMultiUserAccess"


@step_kind(
    "assignment",
    title="Group's access to the sponsoring account",
    promise="The event's account is opened",
    batch_size=1,
    needs=("group",),
)
def ensure_assignment(steps: Sequence[Step]) -> dict[int, Outcome]:
    (step,) = steps
    event, center = step.event, open_identity_center(step.event)
    group_id = center.find_group(name_group(event))
    if group_id is None:
        return {step.pk: Wait("The event's group has not reached IAM Identity Center yet.")}
    arn = _ensure_permission_set(center, event)
    Event.objects.filter(pk=event.pk).update(identity_center_group_id=group_id, permission_set_arn=arn)
    account_id = event.sponsoring_account.account_id
    if center.ensure_assignment(permission_set_arn=arn, account_id=account_id, group_id=group_id):
        return {step.pk: Done()}
    return {step.pk: Wait("IAM Identity Center is opening the sponsoring account to the group.")}


def _ensure_permission_set(center: IdentityCenter, event: Event) -> str:
    return center.ensure_permission_set(
        name=event.permission_set_name,
        managed_policy_arns=[MULTI_USER_POLICY],
        session_duration_seconds=event.session_minutes * 60,
        relay_state=event.sponsoring_account.console_url,
        description="Racers of Paddock's events.",
    )
