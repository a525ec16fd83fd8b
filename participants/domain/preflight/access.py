"""The way in through IAM Identity Center: its role, the permission set, and the assignment to each account."""

from functools import partial

from events.domain.access import MULTI_USER_POLICY, name_group
from events.domain.connections import identify_role, open_identity_center
from events.models import Event, EventAccount, IdentityCenterConnection
from participants.domain.preflight.checks import SET_UP, Check, Finding, amber, green, red
from participants.domain.preflight.directory import list_groups, name_check

GROUP = "IAM Identity Center"
ROLE = "center-role"
SET = "permission-set"


def list_checks(event: Event) -> list[Check]:
    """DeepRacer on AWS lets people in by a user pool of its own."""
    accounts = [account for account in event.accounts.all() if account.sponsoring_account.is_multi_user]
    role = Check(ROLE, GROUP, "Paddock's role", partial(check_role, event.directory.identity_center))
    groups = [] if event.directory.is_entra else list_groups(event, GROUP, (ROLE,))
    known = [_check_known(account) for account in accounts] if event.directory.is_entra else []
    permission_set = Check(SET, GROUP, "Permission set", partial(check_permission_set, event), needs=(ROLE,))
    assignments = [_check_assignment(account) for account in accounts]
    return [role, *groups, *known, *([permission_set] if accounts else []), *assignments]


def _check_known(account: EventAccount) -> Check:
    title = f"Group has arrived: {account.sponsoring_account.name}"
    return Check(f"known-{account.pk}", GROUP, title, partial(check_known, account), needs=(ROLE, name_check(account)))


def _check_assignment(account: EventAccount) -> Check:
    title = f"Assignment: {account.sponsoring_account.name}"
    needs = (SET, name_check(account), f"known-{account.pk}")
    return Check(f"assignment-{account.pk}", GROUP, title, partial(check_assignment, account), needs)


def check_role(connection: IdentityCenterConnection) -> Finding:
    account_id = identify_role(connection)
    if not connection.role_arn:
        return amber(f"Paddock works with its own identity in {account_id}. A role with an external id is safer.")
    return green(f"Assumed with its external id, in the AWS account {account_id}.")


def check_known(account: EventAccount) -> Finding:
    name = name_group(account)
    if open_identity_center(account.event).find_group(name) is not None:
        return green(f"IAM Identity Center knows “{name}”.")
    return red(
        f"“{name}” has not come over from Entra yet. Wait for its next cycle and run the preflight again; if that does "
        "not help, look at the provisioning's log."
    )


def check_permission_set(event: Event) -> Finding:
    name = event.permission_set_name
    found = open_identity_center(event).see_permission_set(name)
    if found is None:
        return red(f"There is no permission set “{name}” yet. {SET_UP} makes it.")
    if MULTI_USER_POLICY not in found.managed_policy_arns:
        policy = MULTI_USER_POLICY.rpartition("/")[2]
        return red(f"“{name}” lacks the managed policy {policy}: racers cannot open the console. {SET_UP} attaches it.")
    return green(f"“{name}” has the policy for racers.")


def check_assignment(account: EventAccount) -> Finding:
    center = open_identity_center(account.event)
    group_id = center.find_group(name_group(account))
    if group_id is None:
        return red(f"The group is not in IAM Identity Center, so nothing can be assigned to it. {SET_UP} sees to it.")
    found = center.see_permission_set(account.event.permission_set_name)
    sponsor = account.sponsoring_account
    if found and center.is_assigned(permission_set_arn=found.arn, account_id=sponsor.account_id, group_id=group_id):
        return green(f"“{name_group(account)}” leads into {sponsor.account_id}.")
    return red(f"The group has no way into {sponsor.account_id}: nobody gets in. {SET_UP} makes one.")
