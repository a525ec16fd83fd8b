"""Taking back the quota: nobody who is to go may start another job."""

from collections.abc import Sequence

from django.utils import timezone

from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import Limits, Profile, RacingService
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Retry, judge
from participants.domain.offboarding.kinds import PATIENCE
from participants.domain.offboarding.leavers import Leaver, find_leavers
from participants.domain.sponsorship.wanted import find_wanted
from participants.domain.sponsorship.words import limits_of, word_limits
from participants.domain.usage.syncing import sync_account
from participants.models import Step
from participants.steps.leaving import change_until_seen, settle_racers


@step_kind(
    "remove_quota",
    title="Quota taken back",
    promise="Your training time ends",
    batch_size=5000,  # pages of the account are read once for everybody
    together=True,
    purpose=Purpose.TAKE,
    patience=PATIENCE,
)
def remove_quotas(steps: Sequence[Step]) -> dict[int, Outcome]:
    looked = _look_for_strangers(steps)
    return settle_racers(steps, _take_quotas) | looked


def _look_for_strangers(steps: Sequence[Step]) -> dict[int, Outcome]:
    """Whoever signed in after the last look at the account is nobody's yet. A look links them, before it is too late.

    Returns outcomes for those who cannot be told from somebody who never came, because the account was not read.
    """
    outcomes: dict[int, Outcome] = {}
    for account, leavers in find_leavers(steps):
        strangers = [each for each in leavers if not each.service_id and not _is_read_since(account, each)]
        if strangers:
            problem = _read(account)
            outcomes |= {each.step.pk: Retry(problem) for each in strangers if problem}
    return outcomes


def _is_read_since(account: SponsoringAccount, leaver: Leaver) -> bool:
    removed_at = leaver.registration.removed_at
    return account.synced_at is not None and removed_at is not None and account.synced_at >= removed_at


def _read(account: SponsoringAccount) -> str:
    """Why the account could not be read; empty when it was."""
    began_at = timezone.now()
    sync_account(account_id=account.pk)
    account.refresh_from_db(fields=["synced_at", "sync_error"])
    if account.synced_at is not None and account.synced_at >= began_at:
        return ""
    return account.sync_error or "The account is being read by another worker at this moment."


def _take_quotas(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    wanted = _find_limits(leavers)
    seen, answers = change_until_seen(
        service,
        list(wanted),
        change=lambda ids: service.set_limits({key: wanted[key] for key in ids}),
        is_right=lambda profile: limits_of(profile) == wanted[profile.service_id],
    )
    return {
        each.step.pk: _judge(each, seen.get(each.service_id), wanted[each.service_id], answers.get(each.service_id))
        for each in leavers
    }


def _find_limits(leavers: Sequence[Leaver]) -> dict[str, Limits]:
    """Nothing at all, or what is left to those who stay for another event."""
    wanted = find_wanted(profiles=[each.profile for each in leavers if each.profile])
    return {each.service_id: wanted[each.profile.pk].limits for each in leavers if each.profile}


def _judge(leaver: Leaver, seen: Profile | None, wanted: Limits, error: IntegrationError | None) -> Outcome:
    if seen is None:
        return Done("Read back: the service knows this racer no more.")
    if limits_of(seen) == wanted:
        return Done(_word_evidence(leaver, seen))
    if error is not None:
        return judge(error)
    return Retry(f"The service took the change, but still shows a {word_limits(limits_of(seen))}.")


def _word_evidence(leaver: Leaver, seen: Profile) -> str:
    if leaver.stays_for:
        return f"Kept: still in “{leaver.stays_for}”. Read back: {word_limits(limits_of(seen))}."
    return f"Read back: quota 0 minutes, {seen.used_seconds // 60} minutes used."
