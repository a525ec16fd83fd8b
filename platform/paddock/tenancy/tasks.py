"""The bases of all Celery tasks: they act under their own name, and most of them for one organization."""

from typing import Any

from celery import Task, shared_task

from paddock.audit.actors import acting, task_actor
from paddock.tenancy.operator_sessions import end_lapsed_sessions
from paddock.tenancy.scope import organization_scope


class NamedTask(Task):  # type: ignore[type-arg]
    """What it does is recorded as its own. Celery's id of the call is that of the request."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting(task_actor(self.name), request_id=self.request.id or ""):
            return self.carry_out(*args, **kwargs)

    def carry_out(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(*args, **kwargs)


class TenantTask(NamedTask):
    """Runs inside the scope of the organization that it was called with, so that a task cannot forget it."""

    def carry_out(self, *args: Any, organization_id: int, **kwargs: Any) -> Any:
        with organization_scope(organization_id):
            return self.run(*args, organization_id=organization_id, **kwargs)


@shared_task
def end_lapsed_operator_sessions() -> None:
    end_lapsed_sessions()
