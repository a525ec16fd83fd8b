"""Closing a racer's profile at their service: deleted where it can be, else disabled for good."""

from collections.abc import Sequence

from integrations.errors import IntegrationError
from integrations.racing.protocol import Profile, RacingService
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Failed, Outcome, Retry, judge
from participants.domain.offboarding.kinds import PATIENCE
from participants.domain.offboarding.leavers import Leaver
from participants.domain.usage.syncing import sync_account
from participants.models import Step
from participants.steps.leaving import change_until_seen, settle_leaving

KEPT_WITH_MODELS = Done(
    "Kept with its models, as chosen, because this account deletes both or neither. Nobody trains with its quota of 0."
)
MAY_WORK = Failed(
    "Deleting the profile now could leave a job running that nobody can see or stop any more. Clear the earlier steps "
    "of this person first, then try again."
)


@step_kind(
    "remove_profile",
    title="Profile closed",
    promise="Your racer's profile is closed",
    batch_size=5000,  # pages of the account are read once for everybody
    follows=("remove_waiting", "remove_models", "remove_membership"),
    together=True,
    linger=5.0,  # memberships end in small portions, and each would have all pages read for itself
    purpose=Purpose.TAKE,
    patience=PATIENCE,
)
def remove_profiles(steps: Sequence[Step]) -> dict[int, Outcome]:
    return settle_leaving(steps, _close, kept="Profile kept")


def _close(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    if not service.capabilities.deletes_profiles:
        return _remove(service, leavers)
    working = _find_unfinished(leavers)
    outcomes = {each.step.pk: _spare(each, working) for each in leavers}
    removed = [each for each in leavers if outcomes[each.step.pk] is None]
    spared = {pk: outcome for pk, outcome in outcomes.items() if outcome is not None}
    if not removed:
        return spared
    # The counters go with the profile, and with them what was used since the last look.
    sync_account(account_id=removed[0].registration.account.sponsoring_account_id)
    return spared | _remove(service, removed)


def _spare(leaver: Leaver, working: set[int]) -> Outcome | None:
    if leaver.registration.keeps_models:
        return KEPT_WITH_MODELS
    return MAY_WORK if leaver.registration.pk in working else None


def _find_unfinished(leavers: Sequence[Leaver]) -> set[int]:
    """Registrations of which something may still be in work."""
    waits = Step.objects.filter(registration__in=[each.registration.pk for each in leavers], kind="remove_waiting")
    return {pk for pk in waits.exclude(state=Step.State.DONE).values_list("registration", flat=True) if pk}


def _remove(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    seen, answers = change_until_seen(
        service,
        [each.service_id for each in leavers],
        change=service.remove_profiles,
        is_right=lambda profile: profile.is_removed,
    )
    return {each.step.pk: _judge(seen.get(each.service_id), answers.get(each.service_id)) for each in leavers}


def _judge(seen: Profile | None, error: IntegrationError | None) -> Outcome:
    if seen is None:
        return Done("Read back: the service lists this racer no more.")
    if seen.is_removed:
        return Done("Read back: disabled. The service cannot delete profiles.")
    if error is not None:
        return judge(error)
    return Retry("The service took the change, but still shows the profile as it was.")
