"""A mail that organizers asked to be sent."""

from collections import defaultdict
from collections.abc import Sequence

from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Outcome
from participants.domain.announcements.words import write_letter
from participants.domain.messages import send_messages
from participants.models import Announcement, Step


@step_kind(
    "announcement",
    title="Mail from the organizers",
    promise="The organizers write to you",
    batch_size=100,
)
def send_announcements(steps: Sequence[Step]) -> dict[int, Outcome]:
    """By announcement: somebody may be owed several."""
    by_announcement: dict[Announcement, list[Step]] = defaultdict(list)
    for step in steps:
        by_announcement[_announcement_of(step)].append(step)
    outcomes: dict[int, Outcome] = {}
    for announcement, owed in by_announcement.items():
        outcomes |= send_messages(owed, write_letter(announcement))
    return outcomes


def _announcement_of(step: Step) -> Announcement:
    if step.announcement is None:
        raise TypeError("A step “announcement” says which.")
    step.announcement.event = step.event
    return step.announcement
