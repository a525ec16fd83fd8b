"""Taking what a portal's table tells: registering who is new, and writing down what became of every item."""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from events.models import Event, Intake
from integrations.intake.dynamodb.items import Item, write_item
from participants.domain.applicants import Applicant, InvalidRegistration
from participants.domain.intake.mapping import Rules, Unmappable, map_item
from participants.domain.registration import RegistrationRefused, find_registration, register
from participants.models import IntakeItem, Registration

State = IntakeItem.State
logger = logging.getLogger(__name__)

LABELS = {
    "email": "E-mail address",
    "given_name": "Given name",
    "family_name": "Family name",
    "racer_alias": "Alias",
}
DELETED_LATER = (
    "It was deleted in the portal. The registration stays: remove the person under Registrations if they do not race."
)
DELETED_BEFORE = "It was deleted in the portal before it could be registered."
REMOVED = "This person was removed from the event. “Try again” registers them anew."
OWN_ERROR = "Paddock ran into an error of its own; its log has the details. Try again."


@dataclass(frozen=True)
class Change:
    """An item as it is now. Without an image it is gone."""

    key: Item
    image: Item | None


def take_changes(*, rules: Rules, event: Event, changes: Iterable[Change]) -> None:
    """In the caller's transaction, which also writes how far the table has been read. Safe to repeat."""
    named = [(digest(write_item(change.key)), change) for change in changes]
    known = {
        row.key_digest: row
        for row in IntakeItem.objects.filter(intake=rules.intake, key_digest__in=[name for name, _ in named])
    }
    touched: dict[str, IntakeItem] = {}
    for name, change in named:
        row = known.get(name) or _begin(rules.intake, name, change)
        if _take(row, rules, event, change):
            known[name] = touched[name] = row
    _write(touched)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _begin(intake: Intake, name: str, change: Change) -> IntakeItem:
    return IntakeItem(
        organization_id=intake.organization_id, intake=intake, key_digest=name, key=write_item(change.key)
    )


def _write(rows: Mapping[str, IntakeItem]) -> None:
    IntakeItem.objects.bulk_create([row for row in rows.values() if row.pk is None])
    IntakeItem.objects.bulk_update(
        [row for row in rows.values() if row.pk is not None],
        ["content", "content_digest", "state", "reason", "registration", "wants_retry", "seen_at"],
    )


def _take(row: IntakeItem, rules: Rules, event: Event, change: Change) -> bool:
    """Whether there was anything to do. What has been seen like this before is not looked at again."""
    if change.image is None:
        return _note_deletion(row)
    content = write_item(change.image)
    if row.content_digest == digest(content) and row.state != State.DELETED:
        return False
    row.content, row.content_digest = content, digest(content)
    settle(row, rules, event, change.image)
    return True


def _note_deletion(row: IntakeItem) -> bool:
    """Nobody is removed by it. Of what was never seen there is nothing to tell."""
    if not row.state or row.state == State.DELETED:
        return False
    reason = DELETED_LATER if row.registration_id else DELETED_BEFORE
    _conclude(row, State.DELETED, reason)
    return True


def settle(row: IntakeItem, rules: Rules, event: Event, image: Item, *, readmits: bool = False) -> None:
    """Register whom the item is about, or say in the row why not. Nothing of one item stops the others."""
    try:
        with transaction.atomic():
            _register(row, event, map_item(rules, image), readmits=readmits)
    except Unmappable as refusal:
        _conclude_refused(row, str(refusal))
    except InvalidRegistration as refusal:
        _conclude_refused(row, word_errors(event, refusal))
    except RegistrationRefused as refusal:
        _conclude(row, State.WAITING, f"{refusal} Paddock tries again by itself when that changes.")
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("An item of intake %s broke", row.intake_id)
        _conclude_refused(row, OWN_ERROR)


def _register(row: IntakeItem, event: Event, applicant: Applicant, *, readmits: bool) -> None:
    before = row.registration if row.registration_id else None
    existing = find_registration(event=event, email=applicant.email)
    if existing and existing.removed_at and not readmits:
        _conclude(row, State.UNMAPPED, REMOVED)
        return
    differences = []
    if existing is None or existing.removed_at:
        existing, _ = register(event=event, applicant=applicant)
    else:
        differences = _note_differences(existing, applicant)
    row.registration = existing
    notes = [*_note_address(before, existing), *differences]
    _conclude(row, State.CHANGED if notes else State.REGISTERED, " ".join(notes))


def _note_address(before: Registration | None, now: Registration) -> list[str]:
    if before is None or before.pk == now.pk:
        return []
    became, was = now.participant.email, before.participant.email
    return [f"It became {became}, who is registered, too. {was} stays: remove it if it was a mistake."]


def _note_differences(registration: Registration, applicant: Applicant) -> list[str]:
    """The first registration stays as it is, whoever writes into the portal's table; what differs is only listed."""
    person = registration.participant
    differences = [
        f"{LABELS[name]}: “{getattr(person, name)}” stays, the portal has “{getattr(applicant, name)}”."
        for name in ("given_name", "family_name")
        if getattr(person, name) != getattr(applicant, name)
    ]
    answers = {key for key, answer in applicant.answers.items() if not _same(registration.answers.get(key), answer)}
    return differences + (
        [f"Other answers, which were not taken over: {', '.join(sorted(answers))}."] if answers else []
    )


def _same(stored: object, given: object) -> bool:
    if isinstance(stored, list) and isinstance(given, list):
        return set(stored) == set(given)
    return stored == given or str(stored).strip() == str(given).strip()


def _conclude(row: IntakeItem, state: IntakeItem.State, reason: str) -> None:
    """Of whom Paddock has registered it keeps nothing twice."""
    row.state, row.reason, row.seen_at, row.wants_retry = state, reason, timezone.now(), False
    if state in (State.REGISTERED, State.CHANGED):
        row.content = ""


def _conclude_refused(row: IntakeItem, reason: str) -> None:
    if row.registration_id:
        reason = f"It changed after registering, which stays as it is. {reason}"
    _conclude(row, State.CHANGED if row.registration_id else State.UNMAPPED, reason)


def word_errors(event: Event, refusal: InvalidRegistration) -> str:
    labels = {question.key: question.label for question in event.questions.all()}
    fields = [f"{LABELS[name]}: {' '.join(sentences)}" for name, sentences in refusal.errors.items()]
    answers = [f"“{labels.get(key, key)}”: {' '.join(sentences)}" for key, sentences in refusal.answers.items()]
    return " ".join(fields + answers)
