"""Taking people out of their event's group."""

from collections.abc import Mapping, Sequence

from events.domain.connections import open_directory, open_identity_center
from events.models import Event, EventAccount
from integrations.directories.protocol import Directory
from integrations.errors import IntegrationError
from integrations.repetition import repeat_refused
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Wait, judge
from participants.domain.offboarding.kinds import LONG_PATIENCE
from participants.domain.offboarding.leavers import find_other_events_of_group
from participants.models import Registration, Step
from participants.steps.people import by_account, registration_of

NEVER_KNOWN = Done("Never reached the directory: no membership to take back.")
NEVER_MADE = Done("The event's group was never made.")
STILL_SHOWN = Wait("The directory took the change, but still shows the membership.")
STILL_THERE = Wait(
    "Gone from the group in Microsoft Entra. IAM Identity Center follows with Entra's next cycle, and lets them in "
    "until then."
)


@step_kind(
    "remove_membership",
    title="Group membership taken back",
    promise="You leave the event's group",
    batch_size=200,  # ten calls of twenty removals; the group is read once for all of them
    follows=("remove_models", "remove_assignment"),
    purpose=Purpose.TAKE,
    patience=LONG_PATIENCE,
)
def remove_memberships(steps: Sequence[Step]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for account, leavers in by_account(steps):
        outcomes |= _leave_group(account, leavers)
    return outcomes


def _leave_group(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    if not account.directory_group_id:
        return dict.fromkeys([step.pk for step in steps], NEVER_MADE)
    known = [step for step in steps if registration_of(step).directory_user_id]
    others = find_other_events_of_group(account, [registration_of(step) for step in known])
    staying = {step.pk: _keep(others[pk]) for step in known if (pk := registration_of(step).pk) in others}
    leaving = [step for step in known if step.pk not in staying]
    strangers = {step.pk: NEVER_KNOWN for step in steps if step not in known}
    return strangers | staying | (_take_out(account, leaving) if leaving else {})


def _keep(event: str) -> Outcome:
    return Done(f"Kept: “{event}” lets them in by the same group.")


def _take_out(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    directory = open_directory(account.event)
    ids = [registration_of(step).directory_user_id for step in steps]
    answers = repeat_refused(lambda some: directory.remove_members(account.directory_group_id, some), ids)
    members = _read_group(directory, account)
    outcomes = {step.pk: _judge(account.event, members, answers, registration_of(step)) for step in steps}
    if _is_let_in_elsewhere(account):
        outcomes |= _wait_for_cycle(account, [step for step in steps if isinstance(outcomes[step.pk], Done)])
    return outcomes


def _read_group(directory: Directory, account: EventAccount) -> frozenset[str]:
    pages = directory.list_members(account.directory_group_id)
    return frozenset(member for page in pages for member in page)


def _judge(
    event: Event, members: frozenset[str], answers: Mapping[str, IntegrationError | None], registration: Registration
) -> Outcome:
    if registration.directory_user_id not in members:
        return Done(_word_evidence(event))
    error = answers[registration.directory_user_id]
    return judge(error) if error else STILL_SHOWN


def _word_evidence(event: Event) -> str:
    read = f"Read back from {event.directory.get_kind_display()}: not in the group."
    if event.directory.is_entra and event.offboarding_at:
        return f"{read} IAM Identity Center follows with Entra's next cycle; the group's access was taken away before."
    return read


def _is_let_in_elsewhere(account: EventAccount) -> bool:
    """The event goes on, so its group keeps its access, and what counts is the group that Identity Center has."""
    event = account.event
    synced = event.directory.is_entra and account.sponsoring_account.is_multi_user
    return synced and event.offboarding_at is None and bool(account.identity_center_group_id)


def _wait_for_cycle(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    """People without an id there were never seen to be let in."""
    waiting = [step for step in steps if registration_of(step).identity_center_user_id]
    if not waiting:
        return {}
    pages = open_identity_center(account.event).list_members(account.identity_center_group_id)
    members = {member for page in pages for member in page}
    read_back = Done("Read back from Microsoft Entra and from IAM Identity Center: not in the group.")
    return {
        step.pk: STILL_THERE if registration_of(step).identity_center_user_id in members else read_back
        for step in waiting
    }
