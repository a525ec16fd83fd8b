"""Switching multi-user mode as somebody wants it, and reading it back."""

from django.db import connection

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from participants.domain.usage.schedule import request_sync


def settle_mode(*, account_id: int) -> bool:
    """Whether it is as wanted. Otherwise the account says why, and the next round tries again."""
    if connection.in_atomic_block:
        raise RuntimeError("Switching the mode calls a provider, and so must not run inside a transaction.")
    account = SponsoringAccount.objects.get(pk=account_id)
    if account.wants_mode is None:
        return True
    try:
        is_on = _switch(account, account.wants_mode)
    except IntegrationError as error:
        _note(account, sync_error=f"Multi-user mode could not be switched: {error}")
        return False
    if is_on != account.wants_mode:
        _note(account, mode_is_on=is_on, sync_error="AWS took the change of multi-user mode, but does not show it yet.")
        return False
    _note(account, mode_is_on=is_on, wants_mode=None, sync_error="")
    request_sync(organization_id=account.organization.pk, account_id=account.pk)
    return True


def _switch(account: SponsoringAccount, wanted: bool) -> bool:
    """The mode as it is read afterwards. What is so already is not asked for."""
    service = open_racing(account)
    if service.is_active() == wanted:
        return wanted
    service.set_active(wanted)
    return service.is_active()


def _note(account: SponsoringAccount, **fields: object) -> None:
    """Whoever has changed their mind meanwhile is asked for by a task of their own."""
    SponsoringAccount.objects.filter(pk=account.pk, wants_mode=account.wants_mode).update(**fields)
