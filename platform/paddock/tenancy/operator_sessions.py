"""How operators of the deployment get to a tenant: for a while, with a reason, and with a trace that its owners see."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from paddock.accounts.models import User
from paddock.audit.recording import record
from paddock.tenancy.models import OperatorSession, Organization
from paddock.tenancy.scope import across_tenants, organization_scope

LONGEST_MINUTES = 60


def start_operator_session(*, operator: User, organization: Organization, reason: str, minutes: int) -> OperatorSession:
    """Begin to act for the organization. Whatever this operator had open elsewhere ends with it."""
    if not 0 < minutes <= LONGEST_MINUTES:
        raise ValueError(f"An operator session lasts between 1 and {LONGEST_MINUTES} minutes.")
    with transaction.atomic():
        _end_all_of(operator)
        with organization_scope(organization.pk):
            session = OperatorSession.objects.create(
                user=operator, reason=reason, ends_at=timezone.now() + timedelta(minutes=minutes)
            )
            action = f"began an operator session of {minutes} minutes"
            record(actor=operator, action=action, about=session, reason=reason)
    return session


def end_operator_session(*, session: OperatorSession) -> None:
    """Record its end, once. One that has run out ended when it ran out."""
    now = timezone.now()
    ended_at = min(now, session.ends_at)
    with organization_scope(session.organization.pk), transaction.atomic():
        mine = OperatorSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=ended_at)
        if mine:
            action = "ended their operator session" if ended_at == now else "operator session ran out"
            record(actor=session.user, action=action, about=session, reason=session.reason)


def find_operator_session(*, operator: User, session_id: int | None) -> OperatorSession | None:
    """The session that is open for this operator in this browser."""
    if session_id is None:
        return None
    with across_tenants("an operator's session names the tenant that they act for"):
        session = OperatorSession.objects.select_related("organization", "user").filter(pk=session_id).first()
    return session if session and session.user_id == operator.pk and session.is_open else None


def end_lapsed_sessions() -> None:
    """Those whose operator has just gone away."""
    with across_tenants("operators' sessions run out in any tenant"):
        overdue = OperatorSession.objects.filter(ended_at=None, ends_at__lte=timezone.now())
        lapsed = list(overdue.select_related("organization", "user"))
    for session in lapsed:
        end_operator_session(session=session)


def _end_all_of(operator: User) -> None:
    """The operator's row is the lock: two tabs cannot open two sessions."""
    User.objects.select_for_update(no_key=True).get(pk=operator.pk)
    with across_tenants("an operator acts for one tenant at a time"):
        mine = OperatorSession.objects.filter(user=operator, ended_at=None)
        still_open = list(mine.select_related("organization", "user"))
    for session in still_open:
        end_operator_session(session=session)
