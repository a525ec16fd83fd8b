"""What Celery runs. Tasks hold no logic."""

from celery import shared_task

from paddock.api import idempotency
from paddock.tenancy.scope import across_tenants


@shared_task
def forget_answers() -> None:
    with across_tenants("answers grow old in every tenant"):
        idempotency.forget_answers()
