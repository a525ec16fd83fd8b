"""Multi-user mode: whether Identity Center lets the participant into the account."""

import random
from collections.abc import Sequence

from events.domain.connections import open_identity_center
from events.models import EventAccount
from integrations.directories.identity_center.directory import IdentityCenter
from participants.convergence.outcomes import Done, Outcome, Retry, Wait
from participants.models import Step
from participants.steps.people import participant_of, registration_of, save_registrations

FEW = 10
NOT_YET = Wait("The membership has not reached IAM Identity Center yet.")


def verify_members(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    center = open_identity_center(steps[0].event)
    verified = _find_members(center, account, steps)
    if verified and not _is_assigned(center, account):
        missing = Retry("The group has lost its access to the sponsoring account; retry the event's assignment.")
        return dict.fromkeys([step.pk for step in steps], missing)
    save_registrations(verified, "identity_center_user_id")
    members = {step.pk for step in verified}
    return {step.pk: Done() if step.pk in members else NOT_YET for step in steps}


def _is_assigned(center: IdentityCenter, account: EventAccount) -> bool:
    return center.is_assigned(
        permission_set_arn=account.permission_set_arn,
        account_id=account.sponsoring_account.account_id,
        group_id=account.identity_center_group_id,
    )


def _find_members(center: IdentityCenter, account: EventAccount, steps: Sequence[Step]) -> list[Step]:
    """Few people are asked for one by one, many by reading the group, once one of them drawn by lot is in it."""
    asked = steps if len(steps) <= FEW else [random.choice(steps)]  # noqa: S311 -- draws lots, guards nothing
    inside = [step for step in _find_users(center, asked) if _is_member(center, account, step)]
    if len(steps) <= FEW or not inside:
        return inside
    members = {user_id for page in center.list_members(account.identity_center_group_id) for user_id in page}
    return [step for step in _find_users(center, steps) if registration_of(step).identity_center_user_id in members]


def _find_users(center: IdentityCenter, steps: Sequence[Step]) -> list[Step]:
    """The steps whose people Identity Center knows, with their user id filled in."""
    users = center.find_users([participant_of(step).email for step in steps])
    known = [step for step in steps if participant_of(step).email in users]
    for step in known:
        registration_of(step).identity_center_user_id = users[participant_of(step).email]
    return known


def _is_member(center: IdentityCenter, account: EventAccount, step: Step) -> bool:
    return center.is_member(registration_of(step).identity_center_user_id, account.identity_center_group_id)
