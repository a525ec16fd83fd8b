"""What Celery runs. Tasks hold no logic."""

from datetime import datetime

from celery import shared_task
from django.conf import settings

from paddock.tenancy.scope import across_tenants
from paddock.tenancy.tasks import TenantTask
from participants.convergence import doorbell, engine, sweeping
from participants.domain import invitation_mails
from participants.domain.guard import mailing
from participants.domain.intake import reading
from participants.domain.intake import schedule as intakes
from participants.domain.mode import schedule as modes
from participants.domain.mode import settling
from participants.domain.preflight import running
from participants.domain.races import results
from participants.domain.races import schedule as races
from participants.domain.trained_models import refreshing
from participants.domain.usage import schedule, syncing
from participants.domain.webhooks import delivering, keeping, notices


@shared_task(base=TenantTask)
def converge(*, organization_id: int, event_id: int, kind: str) -> None:
    doorbell.answer(event_id, kind)
    for name, due_at in engine.converge(event_id=event_id, kind_name=kind).items():
        doorbell.ring_at(organization_id=organization_id, event_id=event_id, kind=name, due_at=due_at)


@shared_task
def sweep() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = sweeping.find_due_work()
        endpoints, mails = delivering.find_due_endpoints(), notices.find_due_notices()
    for work in due:
        doorbell.ring(organization_id=work.organization_id, event_id=work.event_id, kinds=[work.kind])
    for endpoint in endpoints:
        doorbell.ring_endpoint(organization_id=endpoint.organization_id, endpoint_id=endpoint.endpoint_id)
    for mail in mails:
        mail_notice.apply_async(kwargs=mail._asdict(), expires=settings.SWEEP_SECONDS)


@shared_task(base=TenantTask)
def deliver_webhooks(*, organization_id: int, endpoint_id: int) -> None:
    doorbell.answer_endpoint(endpoint_id)
    _ring_endpoints(organization_id, delivering.deliver(endpoint_id=endpoint_id))


@shared_task(base=TenantTask)
def send_webhook_test(*, organization_id: int, delivery_id: int) -> None:
    _ring_endpoints(organization_id, delivering.deliver_test(delivery_id=delivery_id))


def _ring_endpoints(organization_id: int, due: dict[int, datetime]) -> None:
    for endpoint_id, due_at in due.items():
        doorbell.ring_endpoint_at(organization_id=organization_id, endpoint_id=endpoint_id, due_at=due_at)


@shared_task(base=TenantTask)
def mail_notice(*, organization_id: int, notice_id: int) -> None:
    notices.mail_notice(notice_id=notice_id)


@shared_task
def clean_webhook_log() -> None:
    with across_tenants("what is old may belong to anyone"):
        keeping.delete_old_messages()


@shared_task(base=TenantTask)
def sync_account(*, organization_id: int, account_id: int) -> None:
    syncing.sync_account(account_id=account_id)


@shared_task
def sync_due_accounts() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = schedule.find_due_accounts()
    for account in due:
        schedule.request_sync(organization_id=account.organization_id, account_id=account.account_id)


@shared_task(base=TenantTask)
def mail_firing(*, organization_id: int, firing_id: int) -> None:
    mailing.mail_firing(firing_id=firing_id)


@shared_task
def mail_due_firings() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = mailing.find_due_firings()
    for firing in due:
        doorbell.wake(
            "mail_firing",
            expires=settings.SWEEP_SECONDS,
            organization_id=firing.organization_id,
            firing_id=firing.firing_id,
        )


@shared_task(base=TenantTask)
def mail_invitation(*, organization_id: int, invitation_id: int) -> None:
    invitation_mails.mail_invitation(invitation_id=invitation_id)


@shared_task
def mail_due_invitations() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = invitation_mails.find_due_invitations()
    for invitation in due:
        mail_invitation.apply_async(kwargs=invitation._asdict(), expires=settings.SWEEP_SECONDS)


@shared_task(base=TenantTask)
def read_results(*, organization_id: int, race_id: int) -> None:
    results.refresh_results(race_id=race_id)


@shared_task(base=TenantTask)
def settle_mode(*, organization_id: int, account_id: int) -> None:
    settling.settle_mode(account_id=account_id)


@shared_task
def settle_due_modes() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = modes.find_due_accounts()
    for account in due:
        modes.request_mode(organization_id=account.organization_id, account_id=account.account_id)


@shared_task(base=TenantTask)
def run_preflight(*, organization_id: int, run_id: int) -> None:
    running.carry_out(run_id=run_id)


@shared_task
def read_due_results() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = races.find_due_races()
    for race in due:
        races.request_results(organization_id=race.organization_id, race_id=race.race_id)


@shared_task(base=TenantTask)
def refresh_models(*, organization_id: int, account_id: int) -> None:
    refreshing.refresh_account(account_id=account_id)


@shared_task
def refresh_all_models() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = refreshing.find_due_accounts()
    for account in due:
        refreshing.request_refresh(organization_id=account.organization_id, account_id=account.account_id)


@shared_task(base=TenantTask)
def read_intake(*, organization_id: int, intake_id: int) -> None:
    reading.read_intake(intake_id=intake_id)


@shared_task
def read_due_intakes() -> None:
    with across_tenants("what is due may belong to anyone"):
        due = intakes.find_due_intakes()
    for intake in due:
        intakes.request_read(organization_id=intake.organization_id, intake_id=intake.intake_id)
