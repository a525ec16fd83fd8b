"""What organizers ask to be read at once rather than at the next round. It is recorded like every deed of theirs."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from events.models import Race, SponsoringAccount
from paddock.audit.recording import record
from participants.domain.races.schedule import request_results
from participants.domain.trained_models.refreshing import request_refresh
from participants.domain.usage.schedule import request_sync


def sync_usage_now(*, account: SponsoringAccount, actor: AbstractBaseUser, reason: str = "") -> None:
    with transaction.atomic():
        record(actor=actor, action="had the usage read", about=account, reason=reason)
        request_sync(organization_id=account.organization.pk, account_id=account.pk)


def read_leaderboard_now(*, race: Race, actor: AbstractBaseUser, reason: str = "") -> None:
    with transaction.atomic():
        record(actor=actor, action="had the leaderboard read", about=race, event_id=race.event_id, reason=reason)
        request_results(organization_id=race.organization_id or 0, race_id=race.pk)


def list_models_now(*, actor: AbstractBaseUser, reason: str = "") -> None:
    """Of every account of the organization."""
    for account in SponsoringAccount.objects.all():
        record(actor=actor, action="had the models read", about=account, reason=reason)
        request_refresh(organization_id=account.organization.pk, account_id=account.pk)
