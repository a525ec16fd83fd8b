"""For the operator who has lost theirs, where there is no other operator to take it away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from paddock.accounts.models import User
from paddock.accounts.second_factor import remove
from paddock.accounts.sessions import end_all_sessions


class Command(BaseCommand):
    help = "Removes the second factor of a local account and ends its sessions. The next sign-in sets up a new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address that the account signs in with")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(login=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no local account “{email}”.")
        remove(user=user)
        end_all_sessions(user)
