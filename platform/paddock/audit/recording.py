"""Writing an entry, in the transaction of what it tells."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model

from paddock.audit.models import AuditEntry

BY_ITSELF = "Paddock"


def record(
    *,
    actor: AbstractBaseUser | None,
    action: str,
    about: Model,
    event_id: int | None = None,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    """Without an actor Paddock acted by itself. `changes` maps a name to [before, after]."""
    return AuditEntry.objects.create(
        organization_id=about.organization_id,  # type: ignore[attr-defined]
        actor_id=actor.pk if actor else None,
        actor_name=getattr(actor, actor.get_email_field_name()) if actor else BY_ITSELF,
        action=action[:100],
        object_type=about._meta.model_name or "",
        object_id=about.pk,
        object_name=str(about)[:300],
        event_id=event_id,
        reason=reason[:300],
        changes=changes or {},
    )
