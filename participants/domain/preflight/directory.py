"""The directory: Paddock's credential, the event's groups, and how people reach IAM Identity Center."""

from datetime import UTC, datetime, timedelta
from functools import partial

from events.domain.access import name_group
from events.domain.connections import open_directory, open_provisioning
from events.models import Event, EventAccount
from integrations.directories.entra.directory import EntraDirectory
from participants.domain.preflight.checks import SET_UP, Check, Finding, amber, green, red

CREDENTIAL = "credential"
JOB = "sync-job"
# A cycle that is later than this many intervals does not come.
LATE_INTERVALS = 2
PROVISIONING_PAGE = "Enterprise applications → Provisioning"


def list_checks(event: Event) -> list[Check]:
    """Where IAM Identity Center is the directory itself, the groups stand among its checks."""
    if not event.directory.is_entra:
        return []
    group, needs = event.directory.name, (CREDENTIAL,)
    return [
        Check(CREDENTIAL, group, "Paddock's credential", partial(check_credential, event)),
        *list_groups(event, group, needs),
        Check(JOB, group, "Provisioning into IAM Identity Center", partial(check_job, event), needs=needs),
        Check("push", group, "Pushing people on demand", partial(check_push, event), needs=needs),
    ]


def list_groups(event: Event, group: str, needs: tuple[str, ...]) -> list[Check]:
    return [
        Check(
            name_check(account),
            group,
            f"Group: {account.sponsoring_account.name}",
            partial(check_group, account),
            needs,
        )
        for account in event.accounts.all()
    ]


def name_check(account: EventAccount) -> str:
    return f"group-{account.pk}"


def check_credential(event: Event) -> Finding:
    """By the cheapest question that needs both a sign-in and a permission."""
    account = event.accounts.all()[0]
    open_directory(event).find_group(name_group(account))
    return green("Microsoft Entra signs Paddock in and lets it read groups.")


def check_group(account: EventAccount) -> Finding:
    event, name = account.event, name_group(account)
    directory = open_directory(event)
    group_id = directory.find_group(name)
    if group_id is None:
        return red(f"The directory has no group “{name}” yet. {SET_UP} makes it.")
    if not isinstance(directory, EntraDirectory):
        return green(f"“{name}” is there.")
    if event.directory.service_principal_id and not directory.is_linked(group_id):
        return red(
            f"“{name}” is not assigned to the enterprise application, so Entra takes nobody of it along. {SET_UP} "
            "assigns it."
        )
    return green(f"“{name}” is there, and provisioning takes it along.")


def check_job(event: Event) -> Finding:
    provisioning = open_provisioning(event)
    if provisioning is None:
        return amber(
            "The directory connection does not name the enterprise application, so Paddock cannot see whether people "
            "are taken along. Save its object id in the directory connection."
        )
    job = provisioning.see_job()
    if job.quarantine:
        return red(
            f"Entra has put the job in quarantine: {job.quarantine.rstrip('.')}. Mend that and restart provisioning "
            f"under {PROVISIONING_PAGE}."
        )
    if job.is_paused:
        return red(f"Provisioning is switched off. Start it under {PROVISIONING_PAGE}.")
    return judge_time(job.ended_at, job.interval, job.error)


def judge_time(ended_at: datetime | None, interval: timedelta | None, error: str) -> Finding:
    if ended_at is None or interval is None:
        return amber(f"It has never run. Start it under {PROVISIONING_PAGE}, and look again after its first cycle.")
    minutes = int((datetime.now(UTC) - ended_at).total_seconds() // 60)
    every = (
        f"every {int(interval.total_seconds() // 60)} minutes" if interval >= timedelta(minutes=1) else "all the time"
    )
    if error:
        return red(f"The last cycle failed: {error.rstrip('.')}. Look into its log under {PROVISIONING_PAGE}.")
    if datetime.now(UTC) - ended_at > max(LATE_INTERVALS * interval, timedelta(minutes=1)):
        return red(f"It should run {every}, but last did {minutes} minutes ago. Restart it under {PROVISIONING_PAGE}.")
    return green(f"It runs {every}; last {minutes} minutes ago.")


def check_push(event: Event) -> Finding:
    provisioning = open_provisioning(event)
    if provisioning is None:
        return amber(
            "Everybody waits for Entra's next cycle, often 40 minutes. Save the object id to push them at once."
        )
    provisioning.check_push()
    return green("Few people are pushed at once; many are left to the cycle where that is sooner.")
