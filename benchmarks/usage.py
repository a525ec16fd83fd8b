"""Usage: how close the sync of ten thousand racers comes to fetching their pages and doing nothing with them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import botocore.session
from django.db import connection

import integrations.racing.multi_user
from benchmarks.report import Figure, say
from events.models import EventAccount, SponsoringAccount
from paddock.tenancy.scope import organization_scope
from participants.models import Participant, RacerProfile, Registration, UsageDay
from participants.tasks import sync_account
from tests.support.racing import advance, build_racing_account, train
from tests.support.sandbox import Sandbox
from tests.support.workers import Crew
from tests.support.world import build_event, build_organization

RACERS, PAGE = 10_000, 100
ROUNDS = 3
LATENCIES = (0, 50)  # ms: without any, what Paddock itself costs shows most; the other is AWS's
JOB_MINUTES, JOBS_AT_ONCE = 10, 100
MODELS = Path(integrations.racing.multi_user.__path__[0]) / "models"


def measure_usage_sync(sandbox: Sandbox, crew: Crew) -> list[Figure]:
    """First syncs, in which every racer is new, and syncs after everybody has trained. The worse of them counts, at
    AWS's latency, and once more with a service that answers at once.
    """
    account_id = _join_everybody(sandbox)
    worst = {latency: max(race.ratio for race in _compare(sandbox, account_id, latency)) for latency in LATENCIES}
    _sync_participants(sandbox, account_id)
    return [
        Figure("usage.sync_vs_fetch", worst[50], "ratio", "<= 1.5"),
        Figure("usage.sync_vs_fetch_without_latency", worst[0], "ratio", "<= 1.5"),
    ]


def _compare(sandbox: Sandbox, account_id: str, latency: int) -> list["_Race"]:
    """Both kinds of sync, each against fetches that alternate with it."""
    accounts = [_build_account(sandbox, account_id) for _ in range(ROUNDS)]
    fetch = _Fetch(accounts[0])
    first, moved = _Race(fetch), _Race(fetch)
    for account in accounts:
        with _latency(sandbox, latency):
            first.run(account)
    for _ in range(ROUNDS):
        _train_everybody(sandbox, accounts[0])
        with _latency(sandbox, latency):
            moved.run(accounts[0])
    _check_ledger(accounts[0])
    say(f"first, {latency} ms latency: {first.describe()}")
    say(f"after training, {latency} ms latency: {moved.describe()}")
    return [first, moved]


def _sync_participants(sandbox: Sandbox, account_id: str) -> None:
    """What it costs on top that every racer is a participant: linked in the first sync, held against their quota in
    all of them.
    """
    account = _build_account(sandbox, account_id)
    with organization_scope(account.organization_id):
        _register_everybody(account)
    linking = _time(lambda: _sync(account))
    with organization_scope(account.organization_id):
        linked = RacerProfile.objects.filter(participant__isnull=False).exclude(service_id="").count()
    say(f"{linked} linked in a first sync of {linking:.2f} s; the next one took {_time(lambda: _sync(account)):.2f} s")


class _Race:
    """Pairs of a fetch and a sync."""

    def __init__(self, fetch: "_Fetch") -> None:
        self._fetch = fetch
        self._fetches: list[float] = []
        self._syncs: list[float] = []
        self._statements = 0

    def run(self, account: SponsoringAccount) -> None:
        self._fetches.append(_time(self._fetch))
        with _counting() as count:
            self._syncs.append(_time(lambda: _sync(account)))
        self._statements = count()

    @property
    def ratio(self) -> float:
        return median(self._syncs) / median(self._fetches)

    def describe(self) -> str:
        seconds = f"{median(self._syncs):.2f} s against {median(self._fetches):.2f} s"
        return f"{seconds}, ratio {self.ratio:.2f}; {self._statements / (RACERS / PAGE):.2f} statements a page"


class _Fetch:
    """All pages by a plain client: no throttle, no repetition, no database."""

    def __init__(self, account: SponsoringAccount) -> None:
        keys = boto3.client("sts").assume_role(
            RoleArn=account.role_arn, RoleSessionName="bare", ExternalId=account.external_id
        )["Credentials"]
        session = botocore.session.get_session()
        session.get_component("data_loader").search_paths.insert(0, str(MODELS))
        self._client: Any = boto3.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], botocore_session=session
        ).client("deepracer", region_name="us-east-1")

    def __call__(self) -> None:
        count, token = 0, {}
        while True:
            answer = self._client.admin_list_associated_users(MaxResults=PAGE, **token)
            count += len(answer["AssociatedUsers"])
            if not answer.get("NextToken"):
                break
            token = {"NextToken": answer["NextToken"]}
        assert count == RACERS, count


def _join_everybody(sandbox: Sandbox) -> str:
    """One account in multi-user mode that everybody has joined already."""
    account = build_racing_account(sandbox, build_organization(sandbox))
    profiles = [{"alias": _alias(number)} for number in range(RACERS)]
    sandbox.seed(multi_user=[{"account_id": account.account_id, "profiles": profiles}])
    return account.account_id


def _build_account(sandbox: Sandbox, account_id: str) -> SponsoringAccount:
    """The account as one of a new organization, with an event."""
    organization = build_organization(sandbox)
    role = f"arn:aws:iam::{account_id}:role/Paddock{organization.pk}"
    account = build_racing_account(sandbox, organization, account_id=account_id, role_arn=role)
    build_event(organization, sponsoring_account=account)
    return account


def _register_everybody(account: SponsoringAccount) -> None:
    """Under their aliases, with the service's own first quotas. Rows alone: nothing is owed to anybody."""
    through = EventAccount.objects.select_related("event").get(sponsoring_account=account)
    people = Participant.objects.bulk_create(
        Participant(email=f"{_alias(number)}@racing.example", given_name="Racer", family_name=str(number))
        for number in range(RACERS)
    )
    Registration.objects.bulk_create(
        Registration(event=through.event, participant=person, account=through, quota_minutes=300, quota_models=10)
        for person in people
    )
    RacerProfile.objects.bulk_create(
        RacerProfile(sponsoring_account=account, participant=person, alias=_alias(number))
        for number, person in enumerate(people)
    )


def _train_everybody(sandbox: Sandbox, account: SponsoringAccount) -> None:
    train(sandbox, account, *(_alias(number) for number in range(RACERS)), minutes=JOB_MINUTES)
    advance(sandbox, JOB_MINUTES * (RACERS // JOBS_AT_ONCE + 1))


def _sync(account: SponsoringAccount) -> None:
    sync_account(organization_id=account.organization_id, account_id=account.pk)


def _check_ledger(account: SponsoringAccount) -> None:
    """Everything that was trained is there."""
    with organization_scope(account.organization_id):
        counters = RacerProfile.objects.values_list("used_seconds", flat=True)
        ledger = UsageDay.objects.values_list("training_seconds", flat=True)
        assert sum(ledger) == sum(counters) > 0


def _alias(number: int) -> str:
    return f"racer-{number:05d}"


@contextmanager
def _latency(sandbox: Sandbox, milliseconds: int) -> Iterator[None]:
    sandbox.knobs(aws_latency_ms=milliseconds)
    try:
        yield
    finally:
        sandbox.knobs(aws_latency_ms=0)


def _time(action: Callable[[], None]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


@contextmanager
def _counting() -> Iterator[Callable[[], int]]:
    """How many statements this process has sent within the block."""
    number = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal number
        number += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        yield lambda: number
