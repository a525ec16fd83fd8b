"""Races, from what an organizer wants to what the service shows, over its wire."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.domain.connections import open_racing
from events.models import Event, Race, SponsoringAccount
from integrations.racing.protocol import RaceResult as Place
from paddock.tenancy.scope import organization_scope
from participants.convergence.holding import holding
from participants.domain.races import intent
from participants.domain.races.addresses import find_url, list_public_races, list_races_of
from participants.domain.races.definition import define_race, name_race
from participants.domain.races.leaderboard import HEADER, list_cells, see_leaderboard
from participants.domain.races.reconciling import reconcile_race
from participants.domain.races.results import find_owners, read_results
from participants.domain.races.schedule import find_due_races
from participants.domain.races.tracks import list_tracks
from participants.domain.steps import retry_now
from participants.models import Operation, RaceResult, RacerProfile, Step
from participants.tasks import read_results as read_results_task
from participants.tasks import sync_account
from tests.support.convergence import converge_until, run_due_work, settle
from tests.support.racing import build_racing_account, join, look, submit
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

pytestmark = pytest.mark.django_db(transaction=True)

MULTI_USER, ON_AWS = "multi_user", "deepracer_on_aws"


def build(sandbox: Sandbox, kind: str = MULTI_USER) -> tuple[Event, SponsoringAccount]:
    organization = build_organization(sandbox, directory="identity_center")
    account = build_racing_account(sandbox, organization, kind=kind)
    return build_event(organization, sponsoring_account=account), account


def want_race(event: Event, account: SponsoringAccount | None, **fields: Any) -> Race:
    """Save a race as the admin does."""
    now = timezone.now()
    with organization_scope(event.organization_id), transaction.atomic():
        if account:
            track = list_tracks(account=account)[0].service_id
            made = {"opens_at": now - timedelta(minutes=5), "closes_at": now + timedelta(days=1), "track": track}
            fields = {"name": "Spring race", "sponsoring_account": account, **made, **fields}
        race = Race(organization=event.organization, event=event, **fields)
        intent.save_race(race=race, changed=list(fields), actor=None)
    return race


def change_race(race: Race, **fields: Any) -> None:
    with organization_scope(race.organization_id), transaction.atomic():
        found = Race.objects.select_related("event__organization").get(pk=race.pk)
        for name, value in fields.items():
            setattr(found, name, value)
        intent.save_race(race=found, changed=list(fields), actor=None)


def read(race: Race) -> Race:
    with organization_scope(race.organization_id):
        return Race.objects.select_related("sponsoring_account", "event").get(pk=race.pk)


def step_of(event: Event) -> Step:
    with organization_scope(event.organization_id):
        return Step.objects.get(event=event, kind="races")


def ask(race: Race, deed: Any) -> Sequence[Operation]:
    with organization_scope(race.organization_id), transaction.atomic():
        found = Race.objects.select_related("event__organization").get(pk=race.pk)
        operations: Sequence[Operation] = deed(races=[found], actor=None, reason="Because")
        return operations


@pytest.mark.parametrize("kind", [MULTI_USER, ON_AWS])
def test_race_is_made_once_and_read_back(sandbox: Sandbox, kind: str) -> None:
    event, account = build(sandbox, kind)
    race = want_race(event, account, name="Spring race 2026!", laps=4, submissions_per_racer=7)
    assert read(race).state == Race.State.OWED
    settle()
    made = read(race)
    assert (made.state, made.problem) == (Race.State.READY, "")
    assert made.service_name == f"spring-race-2026-{race.pk}"
    (outside,) = look(sandbox, account)["races"]
    assert made.service_id.endswith(outside["race_id"])
    assert outside["name"] == made.service_name
    assert "1 race" in step_of(event).detail
    change_race(race, in_welcome_mail=True)
    assert read(race).state == Race.State.READY  # nothing outside is different for that


def test_answer_that_was_lost_makes_no_second_race(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    with organization_scope(event.organization_id):
        made = open_racing(account).create_race(define_race(race))
        Race.objects.filter(pk=race.pk).update(service_name=name_race(race))
    change_race(race, name="Another name by now")
    settle()
    assert read(race).service_id == made
    assert [each["name"] for each in look(sandbox, account)["races"]] == [f"another-name-by-now-{race.pk}"]


def test_race_is_edited_and_what_is_deleted_outside_comes_back(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    settle()
    change_race(race, closes_at=timezone.now() + timedelta(days=3), laps=5)
    settle()
    seen = open_racing(account).see_race(read(race).service_id)
    assert seen
    assert seen.laps == 5
    first = read(race).service_id
    open_racing(account).delete_race(first)
    change_race(race, description="Anew")
    settle()
    again = read(race)
    assert again.state == Race.State.READY
    assert again.service_id != first
    assert len(look(sandbox, account)["races"]) == 1


def test_deployment_refuses_what_it_cannot_do_in_words(sandbox: Sandbox) -> None:
    event, account = build(sandbox, ON_AWS)
    race = want_race(event, account)
    settle()
    change_race(race, laps=9)
    converge_until(lambda: read(race).state == Race.State.FAILED)
    assert read(race).problem
    assert step_of(event).state == Step.State.FAILED
    assert "Spring race" in step_of(event).detail
    change_race(race, laps=3)  # as it was: nothing is refused, because nothing is asked
    settle()
    assert read(race).state == Race.State.READY
    ask(race, intent.close_races)
    converge_until(lambda: read(race).state == Race.State.FAILED)
    assert "cannot end a race that has opened" in read(race).problem
    assert not read(race).wants_closed


@pytest.mark.parametrize(
    ("kind", "opens_in"), [(MULTI_USER, -1), (MULTI_USER, 24), (ON_AWS, 24)], ids=["open", "ahead", "deployment"]
)
def test_race_is_closed_and_stays_so(sandbox: Sandbox, kind: str, opens_in: int) -> None:
    event, account = build(sandbox, kind)
    now = timezone.now()
    opens_at = now + timedelta(hours=opens_in)
    race = want_race(event, account, opens_at=opens_at, closes_at=now + timedelta(days=2))
    settle()
    (operation,) = ask(race, intent.close_races)
    settle()
    closed = read(race)
    assert (closed.state, closed.problem, closed.wants_closed) == (Race.State.READY, "", False)
    assert closed.opens_at
    assert closed.closes_at
    assert closed.opens_at < closed.closes_at <= timezone.now()
    with organization_scope(event.organization_id):
        assert Step.objects.get(operation=operation).state == Step.State.DONE
    change_race(race, closes_at=closed.closes_at)
    settle()
    seen = open_racing(account).see_race(closed.service_id)
    assert seen
    assert seen.closes_at
    assert seen.closes_at <= timezone.now()


def test_new_invitation_voids_the_old_one_and_is_kept_encrypted(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    join(sandbox, account, "ann")
    race = want_race(event, account)
    settle()
    old = read(race).token
    assert find_url(read(race)).endswith(f"#raceToken/{old}")
    ask(race, intent.renew_invitations)
    settle()
    new = read(race).token
    assert new
    assert new != old
    assert not read(race).url
    entries = {each: enter(sandbox, account, each, "ann") for each in (old, new)}
    assert entries[old] != entries[new]
    with organization_scope(event.organization_id), connection.cursor() as cursor:
        cursor.execute("select token from events_race where id = %s", [race.pk])
        assert new not in cursor.fetchone()[0]


def enter(sandbox: Sandbox, account: SponsoringAccount, token: str, alias: str) -> Any:
    return sandbox.race("enter", account_id=account.account_id, token=token, racers=[alias])


def test_one_refused_race_does_not_spoil_the_others(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    wrong = want_race(event, account, name="Nowhere", track="arn:aws:deepracer:us-east-1::track/atlantis")
    right = want_race(event, account, name="Somewhere")
    late = want_race(event, account, name="Yesterday", closes_at=timezone.now() - timedelta(minutes=1))
    converge_until(lambda: step_of(event).state == Step.State.FAILED)
    assert [read(each).state for each in (wrong, right, late)] == ["failed", "ready", "failed"]
    assert "is no track" in read(wrong).problem
    assert "closing time has passed" in read(late).problem
    change_race(wrong, track=read(right).track)
    change_race(late, closes_at=timezone.now() + timedelta(days=1))
    settle()
    assert [read(each).state for each in (wrong, right, late)] == ["ready"] * 3


def test_outage_is_waited_for(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    sandbox.knobs(failure_rate=1)
    run_due_work()
    assert read(race).state == Race.State.OWED
    assert read(race).problem
    sandbox.knobs(failure_rate=0)
    converge_until(lambda: read(race).state != Race.State.OWED)


def test_change_while_a_worker_is_at_it_is_not_lost(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    with organization_scope(event.organization_id):
        stale = Race.objects.select_related("sponsoring_account").get(pk=race.pk)
        change_race(race, laps=8)
        reconcile_race(stale)
    assert read(race).state == Race.State.OWED
    settle()
    seen = open_racing(account).see_race(read(race).service_id)
    assert seen
    assert seen.laps == 8


def test_two_workers_make_one_race(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"races:{event.pk}"])
            with holding("races", event_id=event.pk) as is_alone:
                assert not is_alone
            run_due_work()
        assert "Another worker" in step_of(event).detail
    finally:
        other.close()
    settle()
    assert read(race).state == Race.State.READY


def test_linked_race_calls_nobody(sandbox: Sandbox) -> None:
    event, _ = build(sandbox)
    race = want_race(event, None, name="Elsewhere", url="https://example.com/race")
    assert read(race).state == Race.State.LINKED
    assert find_url(read(race)) == "https://example.com/race"
    with organization_scope(event.organization_id):
        assert not Step.objects.filter(event=event, kind="races").exists()


def test_leaderboard_names_our_racers_and_leaves_guests_alone(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    ann = sign_up(event, "ann", racer_alias="ann")
    join(sandbox, account, "ann", "bob")
    sync_account(organization_id=event.organization_id, account_id=account.pk)
    race = want_race(event, account)
    settle()
    places = [("ann", 31_250), ("guest", 29_007), ("bob", 64_000), ("ann", 30_500)]
    submit(sandbox, account, read(race).service_id, [{"alias": alias, "time_ms": time} for alias, time in places])
    read_results_task(organization_id=event.organization_id, race_id=race.pk)
    with organization_scope(event.organization_id):
        rows = see_leaderboard(race=race)
        assert [(row.rank, row.alias, row.name, row.time, row.submissions) for row in rows] == [
            (1, "guest", "", "0:29.007", 1),
            (2, "ann", "Ann Racer", "0:30.500", 2),
            (3, "bob", "", "1:04.000", 1),
        ]
        assert rows[1].email == ann.participant.email
        assert all(len(cells) == len(HEADER) for cells in list_cells(rows))
    submit(sandbox, account, read(race).service_id, [{"alias": "ann", "time_ms": 20_000}])
    with organization_scope(event.organization_id):
        read_results(race_id=race.pk)
        assert [(row.rank, row.alias) for row in see_leaderboard(race=race)] == [(1, "ann"), (2, "guest"), (3, "bob")]


@pytest.mark.parametrize(
    ("alias", "profile_id", "owner", "is_ambiguous"),
    [
        ("ann", "", "ann", False),
        ("twin", "", None, True),
        ("stranger", "", None, False),
        ("twin", "id-of-twin", "twin", False),
        ("ann", "id-of-a-guest", None, False),  # who calls themselves as one of ours does
    ],
)
def test_whose_a_place_is(sandbox: Sandbox, alias: str, profile_id: str, owner: str | None, is_ambiguous: bool) -> None:
    event, account = build(sandbox)
    with organization_scope(event.organization_id):
        rows = {
            name: RacerProfile.objects.create(
                sponsoring_account=account, alias=name.rstrip("2"), service_id=f"id-of-{name}"
            )
            for name in ("ann", "twin", "twin2")
        }
        (found,) = find_owners(account_id=account.pk, places=[Place(1, alias, profile_id, 1000, 1, None)])
        assert found == (rows[owner].pk if owner else None, is_ambiguous)


def test_results_take_the_same_statements_however_many(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    settle()
    counts = []
    for size in (1, 3, 90):
        submit(
            sandbox,
            account,
            read(race).service_id,
            [{"alias": f"guest-{size}-{number}", "time_ms": 30_000 + number} for number in range(size)],
        )
        with organization_scope(event.organization_id), CaptureQueriesContext(connection) as queries:
            read_results(race_id=race.pk)
        counts.append(len(queries))
    assert len(set(counts)) == 1
    with organization_scope(event.organization_id):
        assert RaceResult.objects.filter(race=race).count() == 94


def test_deployments_leaderboard_goes_by_alias(sandbox: Sandbox) -> None:
    event, account = build(sandbox, ON_AWS)
    race = want_race(event, account)
    settle()
    with organization_scope(event.organization_id):
        for number in range(2):
            RacerProfile.objects.create(sponsoring_account=account, alias="twin", service_id=f"twin-{number}")
        RacerProfile.objects.create(sponsoring_account=account, alias="solo", service_id="solo")
    submit(sandbox, account, read(race).service_id, [{"alias": name, "time_ms": 9_000} for name in ("twin", "solo")])
    with organization_scope(event.organization_id):
        read_results(race_id=race.pk)
        found = {result.alias: result for result in RaceResult.objects.filter(race=race)}
        assert found["solo"].profile
        assert found["twin"].profile is None
        assert found["twin"].is_ambiguous
        assert next(row.doubt for row in see_leaderboard(race=race) if row.alias == "twin").startswith("several")


def test_leaderboard_that_cannot_be_read_says_so_and_keeps_the_last(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    settle()
    submit(sandbox, account, read(race).service_id, [{"alias": "guest", "time_ms": 30_000}])
    read_results_task(organization_id=event.organization_id, race_id=race.pk)
    open_racing(account).delete_race(read(race).service_id)
    read_results_task(organization_id=event.organization_id, race_id=race.pk)
    assert "could not be read" in read(race).problem
    with organization_scope(event.organization_id):
        assert RaceResult.objects.filter(race=race).count() == 1


def test_only_races_in_progress_are_read(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    now = datetime.now(UTC)
    running = want_race(event, account)
    want_race(event, account, name="Ahead", opens_at=now + timedelta(hours=2))
    settle()
    want_race(event, None, name="Elsewhere", url="https://example.com")
    with organization_scope(event.organization_id):
        assert [due.race_id for due in find_due_races()] == [running.pk]
        Race.objects.filter(pk=running.pk).update(closes_at=now - timedelta(hours=1))
        assert [due.race_id for due in find_due_races()] == [running.pk]
        Race.objects.filter(pk=running.pk).update(closes_at=now - timedelta(days=1))
        assert find_due_races() == []


def test_who_may_know_which_address(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox, directory="identity_center")
    account = build_racing_account(sandbox, organization)
    deployment = build_racing_account(sandbox, organization, kind=ON_AWS)
    event = build_event(organization, sponsoring_account=account)
    want_race(event, account, name="Invited")
    want_race(event, deployment, name="Deployed")
    want_race(event, None, name="Linked", url="https://example.com/race")
    settle()
    with organization_scope(organization.pk):
        assert not any(view.url for view in list_public_races(event=event))
        views = {view.race.name: view.url for view in list_races_of(event=event, account=event.accounts.get())}
    assert set(views) == {"Invited", "Linked"}
    assert "#raceToken/" in views["Invited"]


def test_account_without_the_means_says_what_is_missing(sandbox: Sandbox) -> None:
    event, account = build(sandbox, ON_AWS)
    with organization_scope(event.organization_id):
        SponsoringAccount.objects.filter(pk=account.pk).update(admin_email="", admin_password="")
    race = want_race(event, account)
    converge_until(lambda: read(race).state == Race.State.FAILED)
    assert "administrator's e-mail" in read(race).problem
    with organization_scope(event.organization_id):
        SponsoringAccount.objects.filter(pk=account.pk).update(
            admin_email=account.admin_email, admin_password=account.admin_password
        )
        retry_now(steps=Step.objects.filter(event=event, kind="races"))
    settle()
    assert read(race).state == Race.State.READY


def test_no_service_is_called_inside_a_transaction(sandbox: Sandbox) -> None:
    event, account = build(sandbox)
    race = want_race(event, account)
    with organization_scope(event.organization_id), transaction.atomic(), pytest.raises(RuntimeError):
        read_results(race_id=race.pk)
    assert "CreateLeaderboard" not in sandbox.calls().get("deepracer", {})
