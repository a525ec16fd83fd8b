"""Who the participant is in the directory."""

from collections.abc import Sequence

from django.conf import settings

from events.domain.connections import open_directory
from events.models import Event
from integrations.directories.protocol import Directory
from integrations.errors import IntegrationError
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Failed, Outcome, judge
from participants.domain.webhooks.telling import tell_failures
from participants.models import Step
from participants.steps.people import participant_of, person_of, registration_of, save_registrations

UNKNOWN_HINT = (
    "Your company's directory does not know the address that you registered with. "
    "Register again with the address that you sign in with at work, or ask the organizers."
)


@step_kind(
    "identity",
    title="Identity in the directory",
    promise="We look you up in the directory",
    batch_size=300,  # 20 filters of 15 addresses are one call
    tells=tell_failures,
)
def find_identities(steps: Sequence[Step]) -> dict[int, Outcome]:
    event = steps[0].event
    directory = open_directory(event)
    found: dict[str, str | IntegrationError | None] = dict(directory.find_people([person_of(step) for step in steps]))
    if _admits_unknown_people(event):
        found |= _admit_unknown_people(directory, event, [s for s in steps if found[participant_of(s).email] is None])
    outcomes = {step.pk: _settle(step, found[participant_of(step).email]) for step in steps}
    save_registrations([step for step in steps if registration_of(step).directory_user_id], "directory_user_id")
    return outcomes


def _admits_unknown_people(event: Event) -> bool:
    """Entra takes guests where the event says so; Identity Center as a directory of its own is filled by us."""
    return event.allows_guests or not event.directory.is_entra


def _admit_unknown_people(
    directory: Directory, event: Event, steps: Sequence[Step]
) -> dict[str, str | IntegrationError]:
    if not steps:
        return {}
    landing_url = f"{settings.SITE_URL}/e/{event.organization.slug}/{event.slug}/"
    return directory.admit_people([person_of(step) for step in steps], landing_url=landing_url)


def _settle(step: Step, answer: str | IntegrationError | None) -> Outcome:
    if isinstance(answer, IntegrationError):
        return judge(answer)
    if answer is None:
        return Failed(
            f"{step.event.directory} does not know {participant_of(step).email}. "
            "Correct the address, or let the event invite guests, and try again.",
            UNKNOWN_HINT,
        )
    registration_of(step).directory_user_id = answer
    return Done()
