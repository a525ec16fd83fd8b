"""Taking the event groups' way into the sponsoring accounts away: it ends everybody's access at once."""

from collections.abc import Sequence

from events.domain.connections import open_identity_center
from events.models import Event, EventAccount
from integrations.directories.identity_center.directory import IdentityCenter
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Wait
from participants.domain.offboarding.kinds import PATIENCE
from participants.models import Step


@step_kind(
    "remove_assignment",
    title="Group's access taken away",
    promise="The event's account is closed",
    batch_size=1,
    follows=("remove_models",),
    purpose=Purpose.TAKE,
    patience=PATIENCE,
)
def remove_assignments(steps: Sequence[Step]) -> dict[int, Outcome]:
    (step,) = steps
    center = open_identity_center(step.event)
    accounts = [account for account in step.event.accounts.all() if account.sponsoring_account.is_multi_user]
    if not accounts:
        return {step.pk: Done("No account of this event is opened by IAM Identity Center.")}
    outcomes = [_remove(center, account) for account in accounts]
    waits = [outcome for outcome in outcomes if isinstance(outcome, Wait)]
    return {step.pk: waits[0] if waits else Done(_word_evidence(step.event, [each.detail for each in outcomes]))}


def _remove(center: IdentityCenter, account: EventAccount) -> Done | Wait:
    sponsor = account.sponsoring_account
    if not account.permission_set_arn or not account.identity_center_group_id:
        return Done(f"{sponsor}: the group was never given access.")
    if other := _find_other_event(account):
        return Done(f"{sponsor}: kept, because “{other}” uses the same group, permission set and account.")
    gone = center.remove_assignment(
        permission_set_arn=account.permission_set_arn,
        account_id=sponsor.account_id,
        group_id=account.identity_center_group_id,
    )
    if not gone:
        return Wait(f"IAM Identity Center is closing {sponsor} to the group.")
    return Done(f"{sponsor}: read back from IAM Identity Center, the group holds no access.")


def _find_other_event(account: EventAccount) -> Event | None:
    """An event that has not been ended, and lets its people in by this very assignment."""
    same = EventAccount.objects.filter(
        permission_set_arn=account.permission_set_arn,
        identity_center_group_id=account.identity_center_group_id,
        sponsoring_account=account.sponsoring_account_id,
        event__offboarding_at=None,
    )
    other = same.exclude(event=account.event_id).select_related("event").order_by("pk").first()
    return other.event if other else None


def _word_evidence(event: Event, sentences: Sequence[str]) -> str:
    sessions = f"Whoever is signed in stays so for at most {event.session_minutes} minutes."
    return " ".join([*sentences, sessions])
