"""Reading an account's usage: over the wire, and with things going wrong on the way."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.domain.usage.claiming import ClaimLost, claim_account
from participants.domain.usage.schedule import find_due_accounts
from participants.models import RacerProfile, UsageDay
from participants.tasks import sync_account
from tests.participants.usage_stage import Scene, build_scene, watching_statements
from tests.support.factories import OrganizationFactory
from tests.support.racing import advance, find_profile, join, look, train
from tests.support.sandbox import Sandbox
from tests.support.world import build_event

# Renew the claim, lock the racers, write them down, add to the ledger.
STATEMENTS_A_PAGE = 4

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(sandbox: Sandbox) -> Scene:
    return build_scene(sandbox)


def sum_counters(scene: Scene) -> int:
    return sum(profile["used_seconds"] for profile in look(scene.sandbox, scene.account)["profiles"])


def test_a_sync_finds_racers_and_what_they_used(scene: Scene) -> None:
    ann = scene.sign_up("ann", alias="ann")
    join(scene.sandbox, scene.account, "ann", "bob")
    train(scene.sandbox, scene.account, "ann", minutes=60)
    advance(scene.sandbox, 90)
    before = timezone.now()
    scene.sync()
    racer, stranger = scene.profile("ann"), scene.profile("bob")
    assert (racer.participant, racer.linked_by, racer.used_seconds) == (ann, "alias", 3600)
    assert (racer.max_minutes, racer.state) == (300, "active")
    assert (stranger.participant, stranger.used_seconds) == (None, 0)
    assert scene.ledger(event=scene.event) == scene.ledger() == 3600
    account = scene.reload()
    assert account.synced_at is not None
    assert account.synced_at >= before
    assert (account.mode_is_on, account.sync_error, account.sync_claimed_at) == (True, "", None)


def test_another_look_adds_what_was_used_meanwhile(scene: Scene) -> None:
    join(scene.sandbox, scene.account, "ann")
    expected = 0
    for minutes in (30, 20, 0, 45):
        if minutes:
            train(scene.sandbox, scene.account, "ann", minutes=minutes)
            advance(scene.sandbox, minutes + 5)
        expected += minutes * 60
        scene.sync()
        assert scene.ledger() == expected


def test_calls_are_pages_and_every_page_costs_the_same(scene: Scene) -> None:
    costs = {}
    for pages in (1, 3):
        aliases = scene.seed(100 * pages - 1)
        scene.sync()
        train(scene.sandbox, scene.account, *aliases, minutes=10)
        advance(scene.sandbox, 60)
        calls, statements = scene.count_lists(), list[str]()
        with watching_statements(statements.append):
            scene.sync()
        assert scene.count_lists() - calls == pages
        costs[pages] = len(statements)
    assert costs[3] - costs[1] == 2 * STATEMENTS_A_PAGE
    assert scene.ledger() == sum_counters(scene) > 0


def test_what_was_read_before_a_failure_is_kept_and_counted_once(scene: Scene) -> None:
    """The provider is gone after two of three pages."""
    aliases = scene.seed(250)
    train(scene.sandbox, scene.account, *aliases, minutes=10)
    advance(scene.sandbox, 40)

    def lose_provider(statement: str) -> None:
        if "participants_usageday" in statement:
            scene.sandbox.knobs(failure_rate=1)

    with watching_statements(lose_provider):
        scene.sync()
    account = scene.reload()
    assert account.sync_error
    assert (account.synced_at, account.sync_claimed_at) == (None, None)
    with scene.scope():
        assert 0 < RacerProfile.objects.count() < 250
    scene.sandbox.knobs(failure_rate=0)
    scene.sync()
    assert scene.ledger() == sum_counters(scene) > 0
    assert scene.reload().sync_error == ""


@pytest.mark.parametrize("moment", ['into "participants_racerprofile"', 'into "participants_usageday"'])
def test_a_page_is_written_as_a_whole_or_not_at_all(scene: Scene, moment: str) -> None:
    """The database is gone in the middle of the second page."""
    aliases = scene.seed(250)
    train(scene.sandbox, scene.account, *aliases, minutes=10)
    advance(scene.sandbox, 30)
    seen: list[str] = []

    def lose_database(statement: str) -> None:
        if moment in statement:
            seen.append(statement)
            if len(seen) == 2:
                raise OperationalError("the connection is gone")

    with watching_statements(lose_database):
        scene.sync()
    with scene.scope():
        assert RacerProfile.objects.count() == 100
        assert scene.ledger() == sum(RacerProfile.objects.values_list("used_seconds", flat=True))
    assert "error of its own" in scene.reload().sync_error
    scene.sync()
    assert scene.ledger() == sum_counters(scene) > 0


class TestClaims:
    def test_one_worker_reads_while_another_waits_for_nothing(self, scene: Scene) -> None:
        aliases = scene.seed(150)
        train(scene.sandbox, scene.account, *aliases, minutes=10)
        advance(scene.sandbox, 60)
        scene.sandbox.knobs(aws_latency_ms=100)

        def work() -> None:
            scene.sync()
            connection.close()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert scene.count_lists() == 2
        assert scene.ledger() == sum_counters(scene) > 0

    def test_a_dead_workers_claim_is_taken_over(self, scene: Scene) -> None:
        join(scene.sandbox, scene.account, "ann")
        with scene.scope():
            claim = claim_account(scene.account.pk)
            assert claim
            scene.sync()
            assert scene.reload().synced_at is None
            long_ago = timezone.now() - timedelta(seconds=settings.CLAIM_SECONDS + 1)
            SponsoringAccount.objects.update(sync_claimed_at=long_ago)
        scene.sync()
        assert scene.reload().synced_at is not None
        with scene.scope(), pytest.raises(ClaimLost):
            claim.renew()

    def test_a_lost_claim_writes_nothing(self, scene: Scene) -> None:
        """Its page is old: the newer reading of another worker must not look like a reset."""
        join(scene.sandbox, scene.account, "ann")
        taken = False

        def take_over(statement: str) -> None:
            nonlocal taken
            if '"events_price"' in statement and not taken:
                taken = True
                SponsoringAccount.objects.update(sync_claimed_at=timezone.now())

        with watching_statements(take_over):
            scene.sync()
        with scene.scope():
            assert not RacerProfile.objects.exists()
        assert scene.reload().sync_claimed_at is not None


def test_without_multi_user_mode_nothing_is_lost(scene: Scene) -> None:
    join(scene.sandbox, scene.account, "ann")
    train(scene.sandbox, scene.account, "ann", minutes=10)
    advance(scene.sandbox, 20)
    scene.sync()
    open_racing(scene.account).set_active(active=False)
    scene.sync()
    assert scene.reload().mode_is_on is False
    assert scene.profile("ann").used_seconds == scene.ledger() == 600


def test_nobody_else_can_sync_an_account(scene: Scene) -> None:
    outsider = OrganizationFactory()
    sync_account(organization_id=outsider.pk, account_id=scene.account.pk)
    assert scene.reload().synced_at is None
    join(scene.sandbox, scene.account, "ann")
    scene.sync()
    with organization_scope(outsider.pk):
        assert not RacerProfile.objects.exists()
        assert not UsageDay.objects.exists()


class TestDue:
    def due(self) -> list[int]:
        with across_tenants("a test plays the schedule"):
            return [each.account_id for each in find_due_accounts()]

    def test_accounts_of_events_and_of_racers(self, scene: Scene) -> None:
        now = timezone.now()
        assert self.due() == [scene.account.pk]
        scene.sync()
        assert self.due() == []
        with scene.scope():
            stale = now - timedelta(seconds=settings.USAGE_SYNC_SECONDS)
            SponsoringAccount.objects.update(synced_at=stale)
            scene.event.starts_at, scene.event.ends_at = now - timedelta(days=9), now - timedelta(days=8)
            scene.event.save()
        assert self.due() == []
        join(scene.sandbox, scene.account, "ann")
        scene.sync()
        with scene.scope():
            SponsoringAccount.objects.update(synced_at=stale)
        assert self.due() == [scene.account.pk]


def test_usage_belongs_to_the_event_that_runs(scene: Scene) -> None:
    """Ann takes part in one that is over, one that runs and one that comes."""
    now = timezone.now()
    running = build_event(scene.organization, sponsoring_account=scene.account)
    over = build_event(scene.organization, sponsoring_account=scene.account)
    for event in (running, over):
        scene.sign_up("ann", alias="ann", event=event)
    scene.sign_up("ann", alias="ann")
    with scene.scope():
        for event, start, end in ((running, -1, 1), (over, -3, -2)):
            event.starts_at, event.ends_at = now + timedelta(days=start), now + timedelta(days=end)
            event.save()
    join(scene.sandbox, scene.account, "ann")
    train(scene.sandbox, scene.account, "ann", minutes=10)
    advance(scene.sandbox, 20)
    scene.sync()
    assert scene.ledger(event=running) == scene.ledger() == 600
    assert find_profile(scene.sandbox, scene.account, "ann")["used_seconds"] == 600
