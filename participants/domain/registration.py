"""Registering for an event: the one door behind the portal and the API."""

from django.db import IntegrityError, transaction
from django.db.models import Count, Value
from django.db.models.functions import Lower
from django.utils import timezone

from events.domain.accounts import choose_account
from events.domain.registration_window import RegistrationWindow, WindowState, look_at_window
from events.models import Event, EventAccount
from participants.convergence import doorbell
from participants.domain.answers import Answer
from participants.domain.applicants import Applicant, check_applicant
from participants.domain.journey import owe_event_steps, owe_registration_steps
from participants.domain.offboarding.readmitting import readmit
from participants.domain.quotas.policies import resolve_quota
from participants.models import Participant, RacerProfile, Registration


class RegistrationRefused(Exception):
    """The event takes nobody now; the message says so to the person."""

    def __init__(self, window: RegistrationWindow) -> None:
        super().__init__(REFUSALS[window.state])
        self.state = window.state


REFUSALS = {
    WindowState.NOT_YET_OPEN: "Registration has not opened yet.",
    WindowState.FULL: "All places are taken.",
    WindowState.CLOSED: "Registration is closed.",
    WindowState.OVER: "This event is over.",
}


def register(*, event: Event, applicant: Applicant) -> tuple[Registration, bool]:
    """Register somebody, or find the registration that they have already. Returns it and whether it is new.

    Raises InvalidRegistration for what the applicant can mend, RegistrationRefused when the event takes nobody.
    """
    person, answers = check_applicant(event, applicant)
    with transaction.atomic():
        lock_event(event)
        existing = find_registration(event=event, email=person.email)
        if existing and (existing.removed_at is None or not see_window(event=event).is_open):
            return existing, False
        _hold_place(event)
        if existing:
            _announce_racer(existing.participant, existing.account, person.racer_alias)
            readmit(registration=existing, event=event, answers=answers)
            return existing, True
        registration = _create_registration(event, person, answers)
        kinds = owe_event_steps(event=event) + owe_registration_steps(registrations=[registration], event=event)
        doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
    return registration, True


def lock_event(event: Event) -> None:
    """Whoever counts places holds the event, so that two cannot take the last one, nor one that is being ended."""
    event.offboarding_at = Event.objects.select_for_update(no_key=True).get(pk=event.pk).offboarding_at


def find_registration(*, event: Event, email: str) -> Registration | None:
    return Registration.objects.filter(event=event, participant__email_key=_key(email)).first()


def _key(email: str) -> Lower:
    """PostgreSQL lowers the letter, as it did for the stored key: beyond ASCII Python would do it differently."""
    return Lower(Value(email.strip()))


def see_window(*, event: Event) -> RegistrationWindow:
    taken = 0 if event.capacity is None else Registration.objects.filter(event=event, removed_at=None).count()
    return look_at_window(event, taken=taken, now=timezone.now())


def _hold_place(event: Event) -> None:
    window = see_window(event=event)
    if not window.is_open:
        raise RegistrationRefused(window)


def _create_registration(event: Event, person: Applicant, answers: dict[str, Answer]) -> Registration:
    participant = _get_or_create_participant(event, person)
    account = choose_account(event=event, taken=_count_by_account(event))
    _announce_racer(participant, account, person.racer_alias)
    quota = resolve_quota(event=event, group=None)
    return Registration.objects.create(
        organization_id=event.organization_id,
        event=event,
        participant=participant,
        account=account,
        answers=answers,
        quota_minutes=quota.minutes,
        quota_models=quota.models,
    )


def _count_by_account(event: Event) -> dict[int, int]:
    present = Registration.objects.filter(event=event, removed_at=None).order_by()
    return dict(present.values_list("account").annotate(Count("id")))


def _announce_racer(participant: Participant, account: EventAccount, alias: str) -> None:
    """The racing service has not seen them yet; an alias that it already knows them by stays."""
    profile, _ = RacerProfile.objects.get_or_create(
        participant=participant,
        sponsoring_account=account.sponsoring_account,
        defaults={"organization_id": participant.organization_id, "alias": alias},
    )
    if alias and not profile.alias:
        RacerProfile.objects.filter(pk=profile.pk).update(alias=alias)


def _get_or_create_participant(event: Event, person: Applicant) -> Participant:
    """The names that a person gave first stay: a stranger who types their address cannot change them."""
    known = Participant.objects.filter(email_key=_key(person.email))
    if participant := known.first():
        return participant
    try:
        with transaction.atomic():
            return Participant.objects.create(
                organization_id=event.organization_id,
                email=person.email,
                given_name=person.given_name,
                family_name=person.family_name,
            )
    except IntegrityError:  # registered for another event in this very moment
        return known.get()
