"""Where a registration stands, in words for the person. Holds no personal data: whoever has the link may read it."""

from dataclasses import dataclass

from django.core import signing
from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from events.models import Event
from integrations.directories.identity_center.links import access_url
from paddock.accounts.models import User
from participants.convergence.kinds import get_kind
from participants.domain.offboarding.kinds import REGISTRATION_KINDS
from participants.models import Registration, Step

SALT = "participants.status"


@dataclass(frozen=True)
class StepView:
    name: str
    state: Step.State
    title: str
    detail: str


@dataclass(frozen=True)
class StatusView:
    """`has_own_sign_in`: at the account's site, as their mail says, and not with the company's account."""

    status: str
    access_url: str | None
    steps: list[StepView]
    has_own_sign_in: bool

    @property
    def current(self) -> StepView | None:
        """The step that it hangs on: one that failed, else the first one that is not done."""
        failed = [step for step in self.steps if step.state == Step.State.FAILED]
        undone = [step for step in self.steps if step.state != Step.State.DONE]
        return next(iter(failed + undone), None)


def status_path(registration: Registration) -> str:
    """The unguessable address of a registration's status, without scheme and host."""
    event = registration.event
    token = signing.Signer(salt=SALT).sign(registration.reference.hex)
    return reverse("participants:status", args=[event.organization.slug, event.slug, token])


def withdrawal_path(registration: Registration) -> str:
    return f"{status_path(registration)}withdraw/"


def find_by_token(*, event_slug: str, token: str) -> Registration | None:
    try:
        reference = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return None
    return _with_status().filter(reference=reference, event__slug=event_slug).first()


def find_with_status(registration_id: int) -> Registration:
    return _with_status().get(pk=registration_id)


def find_registration_of(*, event: Event, user: User) -> Registration | None:
    """The place that somebody has in the event now."""
    return _with_status().filter(event=event, participant__user=user, removed_at=None).first()


def list_with_status(*, user: User) -> list[Registration]:
    """All that somebody has in the organization."""
    return list(_with_status().filter(participant__user=user))


def _with_status() -> QuerySet[Registration]:
    rows = Registration.objects.with_status().select_related(
        "event__organization", "account__sponsoring_account", "event__directory__identity_center", "participant"
    )
    return rows.prefetch_related(Prefetch("steps", Step.objects.filter(announcement=None).order_by("id")))


def see_status(registration: Registration) -> StatusView:
    """Needs a registration found by this module, which knows its status."""
    ready = registration.status == Registration.Status.READY
    return StatusView(
        status=registration.status,
        access_url=find_access_url(registration) if ready else None,
        steps=[_see_step(step) for step in _find_steps(registration)],
        has_own_sign_in=not registration.account.sponsoring_account.is_multi_user,
    )


def _find_steps(registration: Registration) -> list[Step]:
    """Once somebody is removed, what they were given before is no news to them."""
    steps = registration.steps.all()
    return [step for step in steps if step.kind in REGISTRATION_KINDS] if registration.removed_at else list(steps)


def find_access_url(registration: Registration) -> str:
    """The deep link that signs a racer in and lands them in DeepRacer."""
    event, account = registration.event, registration.account.sponsoring_account
    if not account.is_multi_user:
        return account.site_url
    return access_url(
        portal_url=event.directory.identity_center.portal_url,
        account_id=account.account_id,
        role_name=event.permission_set_name,
        destination=account.console_url,
    )


WORDS = {
    Step.State.BLOCKED: "Comes next.",
    Step.State.READY: "Under way.",
    Step.State.CLAIMED: "Under way.",
    Step.State.DONE: "Done.",
    Step.State.FAILED: "Something went wrong here. The organizers can see it and try again.",
}


def _see_step(step: Step) -> StepView:
    """The organizer's detail may name people and settings, so the participant gets the hint alone."""
    detail = step.hint or WORDS[Step.State(step.state)]
    return StepView(name=step.kind, state=Step.State(step.state), title=get_kind(step.kind).promise, detail=detail)
