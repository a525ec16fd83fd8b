"""Registering for an event: the one door behind the portal and the API."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from events.domain.accounts import choose_account
from events.domain.registration_window import RegistrationWindow, WindowState, look_at_window
from events.models import Event, EventAccount
from participants.convergence import doorbell
from participants.domain.answers import Answer, check_answers
from participants.domain.journey import owe_event_steps, owe_registration_steps
from participants.domain.offboarding.readmitting import readmit
from participants.domain.ownership import Visitor, is_owned, take_ownership
from participants.domain.people import find_email_errors, find_name_errors, make_email_key
from participants.domain.quotas.policies import resolve_quota
from participants.domain.webhooks.telling import tell_registered
from participants.models import Participant, RacerProfile, Registration
from participants.models.participant import validate_alias


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


class InvalidRegistration(Exception):
    """`errors` holds sentences by field; those about the event's questions stand under `answers`, by question."""

    def __init__(self, errors: dict[str, list[str]], answers: dict[str, list[str]]) -> None:
        super().__init__("The registration has errors.")
        self.errors = errors
        self.answers = answers


@dataclass(frozen=True)
class Applicant:
    """Who wants to register, as they typed it."""

    email: str
    given_name: str
    family_name: str
    racer_alias: str
    answers: Mapping[str, object]


SIGN_IN = "Somebody signs in with this address. If it is yours, sign in with your company account to register."
OTHERS_ADDRESS = "Another account of your company came with this address first. Ask the event's organizers."


def register(*, event: Event, applicant: Applicant, visitor: Visitor | None = None) -> tuple[Registration, bool]:
    """Register somebody, or find the registration that they have already. Returns it and whether it is new.

    Without a visitor the applicant is whoever typed the address. Raises InvalidRegistration for what the applicant
    can mend, RegistrationRefused when the event takes nobody.
    """
    person, answers = _check_applicant(event, applicant)
    with transaction.atomic():
        lock_event(event)
        participant = _find_participant(event, person.email, visitor)
        existing = Registration.objects.filter(event=event, participant=participant).first() if participant else None
        if existing and (existing.removed_at is None or not see_window(event=event).is_open):
            return existing, False
        _hold_place(event)
        if existing:
            _readmit(existing, event, person, answers, visitor)
            tell_registered(registrations=[existing.pk], is_return=True)
            return existing, True
        participant = participant or _create_participant(event, person, visitor)
        registration = _create_registration(event, participant, person, answers, visitor)
        kinds = owe_event_steps(event=event) + owe_registration_steps(registrations=[registration], event=event)
        doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
        tell_registered(registrations=[registration.pk], is_return=False)
    return registration, True


def check_stranger(*, email: str) -> None:
    """Raises InvalidRegistration where the address is of somebody who has signed in with it."""
    if is_owned(email=email):
        raise InvalidRegistration({"email": [SIGN_IN]}, {})


def lock_event(event: Event) -> None:
    """Whoever counts places holds the event, so that two cannot take the last one, nor one that is being ended."""
    event.offboarding_at = Event.objects.select_for_update(no_key=True).get(pk=event.pk).offboarding_at


def _find_participant(event: Event, email: str, visitor: Visitor | None) -> Participant | None:
    """The one with this address; of a visitor who was registered by another one, that."""
    by_address = Participant.objects.filter(email_key=make_email_key(email))
    if visitor is None:
        return by_address.first()
    take_ownership(visitor=visitor)
    own = Participant.objects.filter(user=visitor.user, registrations__event=event).first()
    participant = own or by_address.first()
    if participant and participant.user_id != visitor.user.pk:
        raise InvalidRegistration({"email": [OTHERS_ADDRESS]}, {})
    return participant


def see_window(*, event: Event) -> RegistrationWindow:
    taken = 0 if event.capacity is None else Registration.objects.filter(event=event, removed_at=None).count()
    return look_at_window(event, taken=taken, now=timezone.now())


def _hold_place(event: Event) -> None:
    window = see_window(event=event)
    if not window.is_open:
        raise RegistrationRefused(window)


def _readmit(
    registration: Registration,
    event: Event,
    person: Applicant,
    answers: dict[str, Answer],
    visitor: Visitor | None,
) -> None:
    """Whoever left is not brought back by somebody who typed their address."""
    if visitor is None and registration.participant.user_id:
        raise InvalidRegistration({"email": [SIGN_IN]}, {})
    _announce_racer(registration.participant, registration.account, person.racer_alias)
    readmit(registration=registration, event=event, answers=answers)


def _create_registration(
    event: Event, participant: Participant, person: Applicant, answers: dict[str, Answer], visitor: Visitor | None
) -> Registration:
    account = choose_account(event=event, taken=_count_by_account(event))
    is_stranger = visitor is None and participant.user_id is not None
    _announce_racer(participant, account, "" if is_stranger else person.racer_alias)
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


def _create_participant(event: Event, person: Applicant, visitor: Visitor | None) -> Participant:
    """The names that a person gave first stay: a stranger who types their address cannot change them."""
    try:
        with transaction.atomic():
            return Participant.objects.create(
                organization_id=event.organization_id,
                email=person.email,
                given_name=person.given_name,
                family_name=person.family_name,
                user=visitor.user if visitor else None,
            )
    except IntegrityError:  # registered for another event in this very moment
        if found := _find_participant(event, person.email, visitor):
            return found
        raise


def _check_applicant(event: Event, applicant: Applicant) -> tuple[Applicant, dict[str, Answer]]:
    person = Applicant(
        email=applicant.email.strip(),
        given_name=applicant.given_name.strip(),
        family_name=applicant.family_name.strip(),
        racer_alias=applicant.racer_alias.strip(),
        answers=applicant.answers,
    )
    errors = {
        "email": _find_email_errors(event, person.email),
        "given_name": find_name_errors(person.given_name),
        "family_name": find_name_errors(person.family_name),
        "racer_alias": _find_alias_errors(person.racer_alias),
    }
    answers, answer_errors = check_answers(list(event.questions.all()), applicant.answers)
    errors = {field: sentences for field, sentences in errors.items() if sentences}
    if errors or answer_errors:
        raise InvalidRegistration(errors, answer_errors)
    return person, answers


def _find_email_errors(event: Event, email: str) -> list[str]:
    if errors := find_email_errors(email):
        return errors
    domain = email.rpartition("@")[2].lower()
    if event.allowed_email_domains and domain not in event.allowed_email_domains:
        return [f"Use your address at {' or '.join(event.allowed_email_domains)}."]
    return []


def _find_alias_errors(alias: str) -> list[str]:
    try:
        if alias:
            validate_alias(alias)
    except ValidationError as error:
        return list(error.messages)
    return []


def find_errors(*, event: Event, applicant: Applicant) -> InvalidRegistration | None:
    """What `register` would have against the applicant; whether there is a place is not looked at."""
    try:
        _check_applicant(event, applicant)
    except InvalidRegistration as error:
        return error
    return None
