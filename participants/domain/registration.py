"""Registering for an event: the one door behind the portal, the API and whatever else lets people in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction
from django.utils import timezone

from events.domain.registration_window import RegistrationWindow, WindowState, look_at_window
from events.models import Event, Question
from paddock.accounts.models import User
from participants.domain.applicants import Applicant, InvalidRegistration, check_applicant
from participants.domain.entering import Newcomer, announce_racers, enter
from participants.domain.offboarding.readmitting import Returner, readmit
from participants.domain.ownership import Visitor, find_own_key, is_owned
from participants.domain.people import find_email_errors, make_email_key
from participants.domain.visitors import can_sign_in
from participants.domain.webhooks.telling import tell_registered
from participants.models import Registration


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


@dataclass(frozen=True)
class Registered:
    """`is_new` unless the person had taken part already."""

    registration: Registration
    is_new: bool


# What became of an applicant.
Outcome = Registered | InvalidRegistration | RegistrationRefused


SIGN_IN = "Somebody signs in with this address. If it is yours, sign in with your company account to register."


def register(*, event: Event, applicant: Applicant, visitor: Visitor | None = None) -> tuple[Registration, bool]:
    """Register somebody, or find the registration that they have already. Returns it and whether it is new.

    Without a visitor the applicant is whoever typed the address. Raises InvalidRegistration for what the applicant
    can mend, RegistrationRefused when the event takes nobody.
    """
    (outcome,) = _register(event, [applicant], visitor)
    if not isinstance(outcome, Registered):
        raise outcome
    return outcome.registration, outcome.is_new


def register_all(*, event: Event, applicants: Sequence[Applicant]) -> list[Outcome]:
    """Register many, in the order given, with an outcome for each: nobody's mistake is anybody else's.

    As many statements for a thousand as for one. Whoever stands in it twice is registered once.
    """
    return _register(event, applicants, None)


def check_stranger(*, email: str) -> None:
    """Raises InvalidRegistration where the address is of somebody who has signed in with it, and still can.

    What is no address is nobody's: registering says what is wrong with it.
    """
    address = email.strip()
    if not find_email_errors(address) and is_owned(email=address) and can_sign_in():
        raise InvalidRegistration({"email": [SIGN_IN]}, {})


def find_registration(*, event: Event, email: str) -> Registration | None:
    found = Registration.objects.filter(event=event, participant__email_key=make_email_key(email))
    return found.select_related("participant").first()


def _register(event: Event, applicants: Sequence[Applicant], visitor: Visitor | None) -> list[Outcome]:
    questions = list(event.questions.all())
    checked = [_check(event, questions, applicant) for applicant in applicants]
    newcomers = _name([each for each in checked if isinstance(each, Newcomer)])
    people = [each if isinstance(each, InvalidRegistration) else next(newcomers) for each in checked]
    with transaction.atomic():
        lock_event(event)
        if visitor:
            people = [_recognize(event, each, visitor) for each in people]
        return _Door(event, visitor.user if visitor else None).let_in(people)


def _check(event: Event, questions: Sequence[Question], applicant: Applicant) -> Newcomer | InvalidRegistration:
    try:
        person, answers = check_applicant(event, questions, applicant)
    except InvalidRegistration as error:
        return error
    return Newcomer("", person, answers)


def _name(newcomers: list[Newcomer]) -> Iterator[Newcomer]:
    """PostgreSQL lowers the letters, as it did for stored addresses: beyond ASCII Python would do it differently."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select lower(email) from unnest(%s::text[]) with ordinality as given (email, number) order by number",
            [[each.person.email for each in newcomers]],
        )
        keys = [key for (key,) in cursor.fetchall()]
    return (replace(each, email_key=key) for each, key in zip(newcomers, keys, strict=True))


def _recognize(
    event: Event, newcomer: Newcomer | InvalidRegistration, visitor: Visitor
) -> Newcomer | InvalidRegistration:
    """By the address that they take part by already, which need not be the one that they come with."""
    if isinstance(newcomer, InvalidRegistration):
        return newcomer
    try:
        key = find_own_key(event=event, visitor=visitor, email_key=newcomer.email_key)
    except InvalidRegistration as error:
        return error
    return replace(newcomer, email_key=key)


def lock_event(event: Event) -> None:
    """Whoever counts places holds the event, so that two cannot take the last one, nor one that is being ended."""
    event.offboarding_at = Event.objects.select_for_update(no_key=True).get(pk=event.pk).offboarding_at


def see_window(*, event: Event) -> RegistrationWindow:
    taken = 0 if event.capacity is None else Registration.objects.filter(event=event, removed_at=None).count()
    return look_at_window(event, taken=taken, now=timezone.now())


class _Door:
    """Decides about one after the other while nobody else does, and then writes down at once what it decided."""

    def __init__(self, event: Event, owner: User | None) -> None:
        self._event = event
        self._owner = owner
        self._window = see_window(event=event)
        self._known: dict[str, Registration] = {}
        self._newcomers: dict[str, Newcomer] = {}
        self._returners: dict[str, Returner] = {}

    def let_in(self, people: Sequence[Newcomer | InvalidRegistration]) -> list[Outcome]:
        self._know([each.email_key for each in people if isinstance(each, Newcomer)])
        decided = [each if isinstance(each, InvalidRegistration) else self._decide(each) for each in people]
        known = self._known | self._write()
        return [Registered(known[each.key], each.is_new) if isinstance(each, _Place) else each for each in decided]

    def _know(self, keys: list[str]) -> None:
        rows = Registration.objects.filter(event=self._event, participant__email_key__in=keys)
        for row in rows.select_related("participant", "account__sponsoring_account"):
            self._known[row.participant.email_key] = row

    def _decide(self, person: Newcomer) -> "_Place | RegistrationRefused | InvalidRegistration":
        """Whoever left is not brought back by somebody who typed their address."""
        key, known = person.email_key, self._known.get(person.email_key)
        is_there = known is not None and known.removed_at is None
        if is_there or key in self._newcomers or key in self._returners or (known and not self._window.is_open):
            return _Place(key, is_new=False)
        if not self._window.is_open:
            return RegistrationRefused(self._window)
        if known and known.participant.user_id and self._owner is None:
            return InvalidRegistration({"email": [SIGN_IN]}, {})
        if known:
            self._returners[key] = Returner(known, person.answers, person.person.racer_alias)
        else:
            self._newcomers[key] = person
        self._take_place()
        return _Place(key, is_new=True)

    def _take_place(self) -> None:
        if self._window.places_left is not None:
            left = self._window.places_left - 1
            self._window = RegistrationWindow(self._window.state if left else WindowState.FULL, left)

    def _write(self) -> dict[str, Registration]:
        if self._returners:
            announce_racers(
                (each.registration.participant, each.registration.account, each.alias)
                for each in self._returners.values()
            )
            readmit(event=self._event, returners=list(self._returners.values()))
            tell_registered(registrations=[each.registration.pk for each in self._returners.values()], is_return=True)
        if not self._newcomers:
            return {}
        entered = enter(event=self._event, newcomers=self._newcomers.values(), owner=self._owner)
        tell_registered(registrations=[row.pk for row in entered], is_return=False)
        return {row.participant.email_key: row for row in entered}


@dataclass(frozen=True)
class _Place:
    key: str
    is_new: bool
