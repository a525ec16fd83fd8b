"""An account whose racers train, an event that it sponsors, and the ledger of what they used."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Sum

from events.models import Event, SponsoringAccount
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.models import Participant, RacerProfile, UsageDay
from participants.tasks import sync_account
from tests.support.racing import build_racing_account
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

LIST_CALL = "AdminListAssociatedUsers"


@dataclass(frozen=True)
class Scene:
    sandbox: Sandbox
    organization: Organization
    account: SponsoringAccount
    event: Event

    def sync(self) -> None:
        sync_account(organization_id=self.organization.pk, account_id=self.account.pk)

    def reload(self) -> SponsoringAccount:
        with self.scope():
            return SponsoringAccount.objects.get(pk=self.account.pk)

    def scope(self) -> Any:
        return organization_scope(self.organization.pk)

    def sign_up(self, name: str, *, alias: str = "", event: Event | None = None) -> Participant:
        return sign_up(event or self.event, name, racer_alias=alias).participant

    def seed(self, count: int) -> list[str]:
        """So many racers who have joined; their aliases."""
        aliases = [f"racer-{number:03d}" for number in range(count)]
        profiles = [{"alias": alias, "service_id": f"id-{alias}"} for alias in aliases]
        self.sandbox.seed(multi_user=[{"account_id": self.account.account_id, "profiles": profiles}])
        return aliases

    def profile(self, alias: str) -> RacerProfile:
        with self.scope():
            return RacerProfile.objects.select_related("participant", "sponsoring_account").get(
                sponsoring_account=self.account, alias=alias, service_id__gt=""
            )

    def ledger(self, **selection: Any) -> int:
        """Seconds of training that are in it."""
        with self.scope():
            rows = UsageDay.objects.filter(profile__sponsoring_account=self.account, **selection)
            return rows.aggregate(total=Sum("training_seconds", default=0))["total"]

    def count_lists(self) -> int:
        return self.sandbox.calls().get("deepracer", {}).get(LIST_CALL, 0)


def build_scene(sandbox: Sandbox, **account: Any) -> Scene:
    organization = build_organization(sandbox)
    racing = build_racing_account(sandbox, organization, **account)
    return Scene(sandbox, organization, racing, build_event(organization, sponsoring_account=racing))


@contextmanager
def watching_statements(watch: Callable[[str], object]) -> Iterator[None]:
    """Shows every statement of this thread before it is sent; what `watch` raises comes instead of it."""

    def show(execute: Any, statement: Any, *arguments: Any) -> Any:
        watch(statement if isinstance(statement, str) else statement.as_string(None))
        return execute(statement, *arguments)

    with connection.execute_wrapper(show):
        yield
