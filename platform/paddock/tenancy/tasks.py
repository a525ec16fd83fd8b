"""The base of every Celery task that acts for one organization, and the task that acts for none of them."""

from typing import Any

from celery import Task, shared_task

from paddock.tenancy.operator_sessions import end_lapsed_sessions
from paddock.tenancy.scope import organization_scope


class TenantTask(Task):  # type: ignore[type-arg]
    """Runs inside the scope of the organization that it was called with, so that a task cannot forget it."""

    def __call__(self, *args: Any, organization_id: int, **kwargs: Any) -> Any:
        with organization_scope(organization_id):
            return self.run(*args, organization_id=organization_id, **kwargs)


@shared_task
def end_lapsed_operator_sessions() -> None:
    end_lapsed_sessions()
