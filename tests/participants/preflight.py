"""Events that are ready in every respect, and what a preflight says of them."""

from typing import Any

from events.domain.connections import open_racing
from events.domain.lookup import load_event
from events.models import Budget, Event, EventAccount, Price, QuotaPolicy, Race, SponsoringAccount, Threshold
from integrations.racing.deepracer_on_aws.service import DeepRacerOnAws
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.access import prepare_event
from participants.domain.preflight.running import carry_out, start_preflight
from participants.domain.usage.syncing import sync_account
from participants.models import PreflightRun
from tests.support.convergence import settle
from tests.support.factories import MembershipFactory
from tests.support.racing import build_racing_account
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization

DOLLAR = 1_000_000


def build_ready_event(sandbox: Sandbox, *, directory: str = "entra", mail: str = "ses", **fields: Any) -> Event:
    """One account of each kind, quota, budget, a race, access set up, and usage read."""
    organization = build_organization(sandbox, directory=directory, mail=mail)
    first = build_racing_account(sandbox, organization, name="League")
    second = build_racing_account(sandbox, organization, kind="deepracer_on_aws", name="Site", max_training_jobs=8)
    event = build_event(organization, sponsoring_account=first, **{"expected_participants": 20, **fields})
    with organization_scope(organization.pk):
        EventAccount.objects.create(event=event, sponsoring_account=second)
        _enter_the_rest(organization, event, [first, second])
        close_new_profiles(second)
        prepare_event(event=load_event(event.pk))
    settle_with_sync(sandbox, organization, event, [first, second])
    with organization_scope(organization.pk):
        return load_event(event.pk)


def _enter_the_rest(organization: Organization, event: Event, accounts: list[SponsoringAccount]) -> None:
    MembershipFactory(role="owner", user__email=f"owner-{organization.slug}@example.com")
    for account in accounts:
        Price.objects.create(
            sponsoring_account=account,
            valid_from="2020-01-01",
            training_hour=3_500_000,
            storage_gigabyte_month=23_000,
        )
    QuotaPolicy.objects.create(event=event, minutes=300, model_count=5)
    budget = Budget.objects.create(event=event, amount=1_000 * DOLLAR)
    Threshold.objects.create(budget=budget, percent=90, action="freeze")
    Race.objects.create(event=event, name="Qualifying", url="https://example.com/race")


def close_new_profiles(account: SponsoringAccount) -> None:
    service = open_racing(account)
    assert isinstance(service, DeepRacerOnAws)
    service.fail_closed()


def settle_with_sync(
    sandbox: Sandbox, organization: Organization, event: Event, accounts: list[SponsoringAccount]
) -> None:
    """The event's steps wait for Entra's cycle, so it comes often meanwhile."""
    sandbox.knobs(sync_interval_seconds=0.5)
    settle()
    sandbox.knobs(sync_interval_seconds=2400)
    with organization_scope(organization.pk):
        for account in accounts:
            assert sync_account(account_id=account.pk)


def look(event: Event) -> PreflightRun:
    with organization_scope(event.organization_id):
        run = start_preflight(of=event, actor=None)
        carry_out(run_id=run.pk)
        return PreflightRun.objects.get(pk=run.pk)


def not_green(run: PreflightRun) -> dict[str, tuple[str, str]]:
    """The lines that need somebody, by their names without the account's number: light and advice."""
    return {
        _plain(line["name"]): (line["light"], line["advice"])
        for line in run.lines
        if line["light"] not in ("green", "skipped")
    }


def _plain(name: str) -> str:
    return name.rstrip("0123456789").rstrip("-")
