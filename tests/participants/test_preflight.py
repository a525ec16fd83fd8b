"""The preflight over the wire: a ready event is all green; what is broken turns its own line, with its own advice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.domain.access import MULTI_USER_POLICY, name_group
from events.domain.connections import open_directory, open_identity_center, open_racing
from events.domain.lookup import load_event
from events.models import (
    Budget,
    DirectoryConnection,
    Event,
    EventAccount,
    IdentityCenterConnection,
    MailConnection,
    Price,
    QuotaPolicy,
    Race,
    SponsoringAccount,
    Threshold,
)
from integrations import aws
from integrations.aws import AwsAccess
from integrations.directories.entra.job_health import JobHealth, read_health
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope
from participants.domain.preflight import running
from participants.domain.preflight.checks import Check, Light, find_worst, green
from participants.domain.preflight.directory import judge_time
from participants.domain.preflight.running import SILENCE, carry_out, see_standing, start_preflight
from participants.models import PreflightRun
from tests.participants.preflight import build_ready_event, close_new_profiles, look, not_green
from tests.support.sandbox import Sandbox
from tests.support.world import sign_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("directory", "mail"), [("entra", "ses"), ("identity_center", "pinpoint"), ("entra", "smtp")])
def test_a_ready_event_is_green(directory: str, mail: str, sandbox: Sandbox) -> None:
    run = look(build_ready_event(sandbox, directory=directory, mail=mail))
    assert not_green(run) == {}
    assert {line["light"] for line in run.lines} == {"green"}
    assert see_standing(run).worst == Light.GREEN
    assert run.finished_at


def test_looking_changes_nothing(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox)
    before, calls = sandbox.state(), sandbox.calls()
    look(event)
    assert {name: part for name, part in sandbox.state().items() if "cycle" not in name} == {
        name: part for name, part in before.items() if "cycle" not in name
    }
    made = {
        name
        for service, counts in sandbox.calls().items()
        for name, number in counts.items()
        if number > calls.get(service, {}).get(name, 0) and service not in ("login", "cognito-idp", "cognito-identity")
    }
    reads = ("Get", "List", "Describe", "Is", "Query", "AdminGet", "AdminList", "GET ", "AssumeRole")
    assert {name for name in made if not name.startswith(reads)} == set()


# One broken thing each: what breaks it, which line turns, how, and the advice.


Breaking = Callable[[Event, Sandbox], object]
WRONG_ROLE = "arn:aws:iam::123456789012:role/Nobody"


def change(model: type[Any], **fields: Any) -> Breaking:
    return lambda event, sandbox: model.objects.update(**fields)


def change_account(kind: str, **fields: Any) -> Breaking:
    return lambda event, sandbox: SponsoringAccount.objects.filter(kind=kind).update(**fields)


def change_event(**fields: Any) -> Breaking:
    return lambda event, sandbox: Event.objects.filter(pk=event.pk).update(**fields)


def remove(model: type[Any], **filters: Any) -> Breaking:
    return lambda event, sandbox: model.objects.filter(**filters).delete()


def turn(**knobs: Any) -> Breaking:
    return lambda event, sandbox: sandbox.knobs(**knobs)


def switch_mode_off(event: Event, sandbox: Sandbox) -> None:
    open_racing(SponsoringAccount.objects.get(kind="multi_user")).set_active(False)


def take_another_account(event: Event, sandbox: Sandbox) -> None:
    """The role exists, and leads somewhere else."""
    account = SponsoringAccount.objects.get(kind="multi_user")
    arn = "arn:aws:iam::999999999999:role/Elsewhere"
    sandbox.seed(roles=[{"arn": arn, "external_id": account.external_id}])
    SponsoringAccount.objects.filter(pk=account.pk).update(role_arn=arn)


def open_new_profiles(event: Event, sandbox: Sandbox) -> None:
    service: Any = open_racing(SponsoringAccount.objects.get(kind="deepracer_on_aws"))
    wide_open = {"newUserComputeMinutesLimit": 600, "newUserModelCountLimit": 5}
    service._rest.call("PUT", "/settings/usageQuotas.newUser", body={"value": wide_open})


def link_new_group(event: Event) -> None:
    """Made in Entra just now, for the account that lets people in by it."""
    Event.objects.filter(pk=event.pk).update(group_name="fresh")
    loaded = load_event(event.pk)
    for account in loaded.accounts.all():
        open_directory(loaded).ensure_group(name=name_group(account), description="")


NOW = timezone.now()
LONG_AGO, SOON = NOW - timedelta(days=30), NOW + timedelta(days=1)
BROKEN: dict[str, tuple[Breaking, str, str, str]] = {
    "a draft": (change_event(is_published=False), "publication", "amber", "Tick “Published”"),
    "an event that is over": (
        change_event(starts_at=LONG_AGO, ends_at=NOW - timedelta(days=1)),
        "dates",
        "red",
        "The event has ended.",
    ),
    "an event that is being ended": (change_event(offboarding_at=NOW), "dates", "red", "The event has ended."),
    "a frozen event": (change_event(frozen_at=NOW), "dates", "red", "unfreeze it"),
    "registration is over": (
        change_event(registration_opens_at=LONG_AGO, registration_closes_at=NOW - timedelta(days=1)),
        "dates",
        "amber",
        "Registration has closed",
    ),
    "registration opens late": (
        change_event(
            registration_opens_at=NOW + timedelta(days=8, hours=3),
            registration_closes_at=NOW + timedelta(days=8, hours=9),
        ),
        "dates",
        "amber",
        "Open it earlier.",
    ),
    "nobody to tell": (remove(Membership), "contacts", "amber", "Name contacts"),
    "a sign-in that nobody can do": (
        change_event(requires_sign_in=True),
        "sign_in",
        "red",
        "Connect an identity provider.",
    ),
    "no race": (remove(Race), "races", "amber", "There is no race yet."),
    "a race that failed": (
        change(Race, state="failed", problem="The track is gone."),
        "races",
        "red",
        "“Qualifying” could not be made: The track is gone.",
    ),
    "a race under way": (change(Race, state="owed"), "races", "amber", "is still being made"),
    "a race that is too late": (
        change(Race, opens_at=NOW + timedelta(days=60)),
        "races",
        "amber",
        "opens only after the event has ended",
    ),
    "a role that lets nobody in": (
        change_account("multi_user", role_arn=WRONG_ROLE),
        "role",
        "red",
        "sts:ExternalId is the external id that Paddock shows",
    ),
    "an external id that is not the role's": (
        change_account("multi_user", external_id="paddock-" + "0" * 32),
        "role",
        "red",
        "sts:ExternalId is the external id that Paddock shows",
    ),
    "a role in another account": (take_another_account, "role", "red", "leads into the AWS account 999999999999"),
    "multi-user mode is off": (switch_mode_off, "mode", "red", "Activate multi-user mode"),
    "a frozen account": (change_account("multi_user", frozen_at=NOW), "mode", "red", "has frozen the account"),
    "no role on AWS": (
        change_account("deepracer_on_aws", role_arn=""),
        "role",
        "amber",
        "neither make profiles nor stop jobs",
    ),
    "no administrator": (
        change_account("deepracer_on_aws", admin_password=""),
        "api",
        "red",
        "neither set quotas nor read usage",
    ),
    "a wrong password": (change_account("deepracer_on_aws", admin_password="Wrong-1"), "api", "red", "password"),
    "a site that is not there": (
        change_account("deepracer_on_aws", site_url="http://127.0.0.1:1/droa/none"),
        "api",
        "red",
        "does not answer. Check its address",
    ),
    "newcomers with a quota": (open_new_profiles, "newcomers", "amber", "Set both new-user quotas to 0"),
    "a sync that failed": (
        change_account("multi_user", sync_error="AWS DeepRacer has trouble."),
        "sync",
        "red",
        "AWS DeepRacer has trouble.",
    ),
    "a sync that stopped": (change_account("multi_user", synced_at=LONG_AGO), "sync", "red", "workers and its beat"),
    "never synced": (change_account("multi_user", synced_at=None), "sync", "amber", "Nobody has looked yet."),
    "too many for the places": (
        change_event(expected_participants=100),
        "room",
        "red",
        "Lower the quota, have AWS raise the limit",
    ),
    "a long queue": (
        lambda event, sandbox: (
            Event.objects.filter(pk=event.pk).update(expected_participants=160),
            QuotaPolicy.objects.update(minutes=60),
        ),
        "room",
        "amber",
        "the last of them waits 2 h for one of 8 places",
    ),
    "nobody expected": (change_event(expected_participants=0), "room", "amber", "Say on the event's page how many"),
    "no places": (change_account("multi_user", max_training_jobs=0), "room", "red", "no place for training"),
    "Identity Center's role": (
        change(IdentityCenterConnection, role_arn=WRONG_ROLE),
        "center-role",
        "red",
        "sts:ExternalId",
    ),
    "a group that has not arrived": (
        lambda event, sandbox: link_new_group(event),
        "known",
        "red",
        "has not come over from Entra yet",
    ),
    "no permission set": (
        change_event(permission_set_name="Missing"),
        "permission-set",
        "red",
        "“Set up access now” on the event's page makes it",
    ),
    "a wrong client secret": (
        change(DirectoryConnection, credential="wrong"),
        "credential",
        "red",
        "Microsoft Entra refused the client secret.",
    ),
    "no enterprise application": (
        change(DirectoryConnection, service_principal_id=""),
        "sync-job push",
        "amber",
        "object id",
    ),
    "provisioning in quarantine": (turn(sync_quarantined=True), "sync-job", "red", "in quarantine: Too many people"),
    "provisioning switched off": (turn(sync_paused=True), "sync-job", "red", "Provisioning is switched off."),
    "mail's role": (change(MailConnection, role_arn=WRONG_ROLE), "mail-role", "red", "sts:ExternalId"),
    "a sender that is not verified": (
        change(MailConnection, sender="Nobody <nobody@elsewhere.example>"),
        "sender",
        "red",
        "is not verified in us-east-1",
    ),
    "SES in its sandbox": (turn(ses_is_sandboxed=True), "sender", "amber", "Ask for production access"),
    "no mail connection": (remove(MailConnection), "sender", "red", "Add one under Connections → Mail."),
    "no prices on AWS": (
        remove(Price, sponsoring_account__kind="deepracer_on_aws"),
        "prices",
        "red",
        "everything counts as free",
    ),
    "list prices": (
        remove(Price, sponsoring_account__kind="multi_user"),
        "prices",
        "amber",
        "AWS's list prices count: $3.50 an hour",
    ),
    "no quota": (remove(QuotaPolicy), "quota", "amber", "as long as they like"),
    "a quota of nothing": (change(QuotaPolicy, minutes=0), "quota", "red", "nobody can train"),
    "no budget": (remove(Budget), "budget", "amber", "nothing stops the spending"),
    "no thresholds": (remove(Threshold), "budget", "red", "It has no thresholds"),
    "all thresholds fired": (change(Threshold, fired_at=NOW), "budget", "red", "All its thresholds have fired"),
    "thresholds that only tell": (change(Threshold, action="alert"), "budget", "amber", "only send mail"),
}


# What the breaking touches, parents first, and the knobs as they were.
ROWS: list[type[Any]] = [
    *(IdentityCenterConnection, DirectoryConnection, MailConnection, SponsoringAccount, Event, Membership),
    *(Price, QuotaPolicy, Budget, Threshold, Race),
]
KNOBS = {"sync_quarantined": False, "sync_paused": False, "ses_is_sandboxed": False}


@contextmanager
def mended_afterwards(sandbox: Sandbox) -> Iterator[None]:
    """Making an event ready takes seconds, so that all that can break breaks the same one."""
    rows = [row for model in ROWS for row in model.objects.all()]
    yield
    for row in rows:
        row.save()
    sandbox.knobs(**KNOBS)
    open_racing(SponsoringAccount.objects.get(kind="multi_user")).set_active(True)
    close_new_profiles(SponsoringAccount.objects.get(kind="deepracer_on_aws"))


@pytest.mark.slow
def test_what_is_broken_turns_its_line(sandbox: Sandbox) -> None:
    event, wrong = build_ready_event(sandbox), {}
    for what, (breaking, names, light, advice) in BROKEN.items():
        with organization_scope(event.organization_id), mended_afterwards(sandbox):
            breaking(event, sandbox)
            found = not_green(look(event))
        expected = dict.fromkeys(names.split(), light)
        if {name: seen for name, (seen, _) in found.items()} != expected or advice not in found[names.split()[0]][1]:
            wrong[what] = found
    assert wrong == {}
    assert not_green(look(event)) == {}


def test_an_smtp_server_that_is_not_there_turns_red(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox, mail="smtp")
    with organization_scope(event.organization_id):
        MailConnection.objects.update(smtp_port=1)
    assert "cannot be reached" in not_green(look(event))["sender"][1]


@pytest.mark.parametrize("directory", ["entra", "identity_center"])
def test_an_event_that_nobody_has_set_up_says_so(directory: str, sandbox: Sandbox) -> None:
    """As after the event got another group: nothing of it is there."""
    event = build_ready_event(sandbox, directory=directory)
    with organization_scope(event.organization_id):
        Event.objects.filter(pk=event.pk).update(group_name="another")
    found = not_green(look(event))
    assert found.keys() == {"group"}
    assert "“Set up access now” on the event's page makes it." in found["group"][1]


def test_an_account_that_was_added_and_not_set_up(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox)
    with organization_scope(event.organization_id):
        EventAccount.objects.filter(sponsoring_account__kind="multi_user").update(share=1)
        SponsoringAccount.objects.filter(kind="multi_user").update(account_id="999999999998")
    found = not_green(look(event))
    assert found["assignment"][0] == "red"
    assert "no way into 999999999998" in found["assignment"][1]


def test_what_is_missing_in_identity_center(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox)
    with organization_scope(event.organization_id):
        mine = EventAccount.objects.select_related("sponsoring_account")
        account = mine.get(event=event, sponsoring_account__kind="multi_user")
        center = IdentityCenterConnection.objects.get()
    access = AwsAccess(center.region, center.role_arn, center.external_id)
    way_in = {
        "permission_set_arn": account.permission_set_arn,
        "account_id": account.sponsoring_account.account_id,
        "group_id": account.identity_center_group_id,
    }
    while not open_identity_center(event).remove_assignment(**way_in):
        pass
    found = not_green(look(event))
    assert found.keys() == {"assignment"}
    assert "nobody gets in. “Set up access now”" in found["assignment"][1]
    aws.client(access, "sso-admin").detach_managed_policy_from_permission_set(
        InstanceArn=center.instance_arn, PermissionSetArn=account.permission_set_arn, ManagedPolicyArn=MULTI_USER_POLICY
    )
    found = not_green(look(event))
    assert found.keys() == {"permission-set"}
    assert "lacks the managed policy AWSDeepRacerDefaultMultiUserAccess" in found["permission-set"][1]


# The run itself.


def test_one_broken_check_does_not_stop_the_others(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    event = build_ready_event(sandbox)

    def stumble() -> Any:
        raise ZeroDivisionError

    checks = [Check("a", "A", "First", stumble), Check("b", "A", "Second", lambda: green("Fine"))]
    monkeypatch.setattr(running, "list_checks", lambda of: checks)
    run = look(event)
    assert [line["light"] for line in run.lines] == ["amber", "green"]
    assert "an error of its own" in run.lines[0]["advice"]


def test_every_provider_down_still_ends(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox)
    sandbox.knobs(failure_rate=1)
    run = look(event)
    assert run.finished_at
    assert {line["light"] for line in run.lines} <= {"green", "red", "skipped"}
    assert all("tries again" not in line["advice"] for line in run.lines)


def test_runs_at_once_do_not_disturb_each_other(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox)
    with organization_scope(event.organization_id):
        first, second = (start_preflight(of=event, actor=None) for _ in range(2))
        carry_out(run_id=second.pk)
        carry_out(run_id=first.pk)
        carry_out(run_id=first.pk)  # a message that came twice
        lines = list(PreflightRun.objects.order_by("id").values_list("lines", flat=True))
    assert [{each["light"] for each in run} for run in lines] == [{"green"}, {"green"}]


def test_a_run_whose_worker_died_is_broken_off(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox)
    with organization_scope(event.organization_id):
        run = start_preflight(of=event, actor=None)
        assert not see_standing(run).is_broken_off
        PreflightRun.objects.update(started_at=timezone.now() - SILENCE - timedelta(seconds=1))
        run.refresh_from_db()
        assert see_standing(run).is_broken_off
        run.lines[0]["seen_at"] = timezone.now().isoformat()
        assert not see_standing(run).is_broken_off


def test_a_preflight_refuses_to_run_inside_a_transaction(sandbox: Sandbox) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        carry_out(run_id=1)


def test_the_number_of_queries_does_not_grow_with_the_people(sandbox: Sandbox) -> None:
    event = build_ready_event(sandbox)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            look(event)
        return len(queries)

    before = count()
    for name in ("ann", "ben", "cem"):
        sign_up(event, name)
    assert count() == before


@pytest.mark.parametrize(
    ("lights", "worst"),
    [
        ([], "green"),
        (["green"], "green"),
        (["green", "amber"], "amber"),
        (["amber", "red", "skipped"], "red"),
        (["waiting", "amber"], "waiting"),
    ],
)
def test_the_verdict_is_the_worst_light(lights: list[str], worst: str) -> None:
    assert find_worst(lights) == worst


# What Entra's job says, also in ways in which the sandbox never does.

ENDED = datetime(2026, 1, 1, 12, tzinfo=UTC)
NEVER_RAN = JobHealth(is_paused=False, quarantine="", ended_at=None, interval=None, error="")
JOBS: list[tuple[dict[str, Any], JobHealth]] = [
    ({}, NEVER_RAN),
    (
        {
            "schedule": {"interval": "PT40M", "state": "Active"},
            "status": {"code": "Active", "lastExecution": {"timeEnded": "2026-01-01T12:00:00Z", "state": "Succeeded"}},
        },
        replace(NEVER_RAN, ended_at=ENDED, interval=timedelta(minutes=40)),
    ),
    ({"status": {"code": "Quarantine", "quarantine": None}}, replace(NEVER_RAN, quarantine="no reason given")),
    ({"schedule": {"state": "Paused"}}, replace(NEVER_RAN, is_paused=True)),
    (
        {"status": {"lastExecution": {"state": "Failed", "error": {"message": "The token has expired."}}}},
        replace(NEVER_RAN, error="The token has expired."),
    ),
]


@pytest.mark.parametrize(("job", "expected"), JOBS)
def test_a_job_is_read(job: dict[str, Any], expected: JobHealth) -> None:
    assert read_health(job) == expected


@pytest.mark.parametrize(
    ("minutes_ago", "interval", "error", "light", "words"),
    [
        (10, 40, "", "green", "last 10 minutes ago"),
        (79, 40, "", "green", "every 40 minutes"),
        (81, 40, "", "red", "Restart it"),
        (10, 40, "Out of memory.", "red", "The last cycle failed: Out of memory. Look"),
        (None, 40, "", "amber", "It has never run."),
    ],
)
def test_a_job_has_to_have_run_lately(
    minutes_ago: int | None, interval: int, error: str, light: str, words: str
) -> None:
    ended = None if minutes_ago is None else datetime.now(UTC) - timedelta(minutes=minutes_ago)
    found = judge_time(ended, timedelta(minutes=interval), error)
    assert found.light == light
    assert words in found.advice
