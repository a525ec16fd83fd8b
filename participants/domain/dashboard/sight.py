"""What the dashboard of an event shows. What several of its parts rest on is looked at once."""

from dataclasses import dataclass
from functools import cached_property

from events.models import Event
from participants.domain.dashboard.attention import Concern, find_concerns
from participants.domain.dashboard.spending import Money, see_money
from participants.domain.usage.figures import Usage, see_event_usage


@dataclass(frozen=True)
class Sight:
    """Looks when it is first asked, and shows the same from then on."""

    event: Event

    @cached_property
    def usage(self) -> Usage:
        return see_event_usage(events=[self.event])[self.event.pk]

    @cached_property
    def money(self) -> Money:
        return see_money(event=self.event, usage=self.usage)

    @cached_property
    def concerns(self) -> list[Concern]:
        return find_concerns(event=self.event, usage=self.usage)
