"""Switching multi-user mode off, where nobody needs it any more."""

from collections.abc import Sequence

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.racing.protocol import RacingService, State
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Retry
from participants.domain.offboarding.kinds import PATIENCE, REGISTRATION_KINDS
from participants.domain.webhooks.telling import tell_offboarded
from participants.models import Registration, Step
from participants.steps.leaving import count

# A racer who is still in their hands could not be seen any more, so none may be left.
AT_THE_SERVICE = tuple(kind for kind in REGISTRATION_KINDS if kind != "remove_membership")


@step_kind(
    "remove_mode",
    title="Multi-user mode",
    promise="The event's account goes back to its owner",
    batch_size=1,
    needs=AT_THE_SERVICE,
    follows=("remove_membership", "remove_assignment"),
    purpose=Purpose.TAKE,
    patience=PATIENCE,
    tells=tell_offboarded,
)
def switch_off(steps: Sequence[Step]) -> dict[int, Outcome]:
    (step,) = steps
    sponsors = [account.sponsoring_account for account in step.event.accounts.all()]
    outcomes = [_switch_off(sponsor, step) for sponsor in sponsors if sponsor.is_multi_user]
    retries = [outcome for outcome in outcomes if isinstance(outcome, Retry)]
    details = " ".join(outcome.detail for outcome in outcomes) or "No account of this event has a mode."
    return {step.pk: retries[0] if retries else Done(details)}


def _switch_off(sponsor: SponsoringAccount, step: Step) -> Done | Retry:
    service = open_racing(sponsor)
    if not service.is_active():
        return Done(f"{sponsor}: read back, multi-user mode is off.")
    if need := _find_need(sponsor, service, step):
        return Done(f"{sponsor}: multi-user mode stays on, because {need}.")
    warning = _word_storage(service)
    service.set_active(False)
    if service.is_active():
        return Retry(f"{sponsor}: the service took the change, but multi-user mode is still on.")
    SponsoringAccount.objects.filter(pk=sponsor.pk).update(wants_mode=None, mode_is_on=False)
    return Done(f"{sponsor}: read back, multi-user mode is off. {warning}".rstrip())


def _find_need(sponsor: SponsoringAccount, service: RacingService, step: Step) -> str:
    """Why the mode has to stay on; empty where nothing needs it."""
    others = Registration.objects.filter(account__sponsoring_account=sponsor).exclude(event=step.event_id)
    if present := others.filter(removed_at=None).select_related("event").first():
        return f"people of “{present.event}” race there"
    unended = Step.objects.filter(registration__in=others, kind__in=AT_THE_SERVICE).exclude(state=Step.State.DONE)
    if leaving := unended.select_related("event").first():
        return f"not everything of “{leaving.event}” has been taken back yet"
    active = sum(profile.state is State.ACTIVE for page in service.list_profiles() for profile in page)
    return f"it still sponsors {count(active, 'racer')} whom Paddock did not remove" if active else ""


def _word_storage(service: RacingService) -> str:
    """Models outlive the mode: out of sight, and paid for."""
    models = [model for page in service.list_all_models() for model in page]
    if not models:
        return ""
    return f"{count(len(models), 'model')} stay out of sight there, and their storage goes on costing."
