from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from events.models import Event
from paddock.tenancy.commands import TenantCommand
from paddock.tenancy.models import Organization
from participants.domain.access import prepare_event


class Command(TenantCommand):
    help = "Set up an event's group, permission set and assignment. May run again and again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("event", help="slug of the event")

    def handle_tenant(self, organization: Organization, **options: Any) -> None:
        event = Event.objects.select_related("organization").filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"{organization} has no event “{options['event']}”.")
        prepare_event(event=event)
        self.stdout.write(f"“{event}” is being prepared; its page in the admin shows where that stands.")
