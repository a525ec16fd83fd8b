"""The bases of management commands: they act under their own name, and most of them for one organization."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from paddock.audit.actors import acting, command_actor
from paddock.tenancy.lookup import find_organization_by_slug
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope


class NamedCommand(BaseCommand):
    """What it does is recorded as its own."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with acting(command_actor(type(self).__module__.rpartition(".")[2])):
            return super().execute(*args, **options)


class TenantCommand(NamedCommand):
    """Takes the organization's slug first and runs `handle_tenant` inside its scope."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organization", help="slug of the organization")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options.pop("organization")
        organization = find_organization_by_slug(slug)
        if organization is None:
            raise CommandError(f"There is no organization “{slug}”.")
        with organization_scope(organization.pk):
            self.handle_tenant(organization, **options)

    def handle_tenant(self, organization: Organization, **options: Any) -> None:
        raise NotImplementedError
