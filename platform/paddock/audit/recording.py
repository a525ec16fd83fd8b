"""Writing an entry, in the transaction of what it tells."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model

from paddock.audit.actors import current_actor, current_reason, current_request_id, user_actor
from paddock.audit.models import AuditEntry


def record(
    *,
    actor: AbstractBaseUser | None = None,
    action: str,
    about: Model,
    event_id: int | None = None,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    """Without an actor, whoever acts at present is it. `changes` maps a name to [before, after]."""
    who = user_actor(actor) if actor else current_actor()
    return AuditEntry.objects.create(
        organization_id=about.organization_id,  # type: ignore[attr-defined]
        actor_id=who.user_id,
        actor_kind=who.kind,
        actor_name=who.name[:254],
        credential_id=who.credential_id,
        action=action[:100],
        object_type=about._meta.model_name or "",
        object_id=about.pk,
        object_name=str(about)[:300],
        event_id=event_id,
        reason=(reason or current_reason())[:300],
        request_id=current_request_id(),
        changes=changes or {},
    )
