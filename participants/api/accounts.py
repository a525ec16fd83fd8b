"""Sponsoring accounts, with what is used in them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from events.models import EventAccount, SponsoringAccount
from paddock.api.keys import limit_to_chosen_events
from paddock.api.scopes import ACCOUNTS
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.api.usage import UsageSerializer
from participants.domain.usage.figures import see_account_usage


class SponsoringAccountSerializer(serializers.ModelSerializer[SponsoringAccount]):
    usage = serializers.SerializerMethodField(help_text="Of all its racers, in all events.")

    class Meta:
        model = SponsoringAccount
        fields = [
            *("account_id", "name", "kind", "region", "mode_is_on", "frozen_at"),
            *("max_training_jobs", "max_evaluation_jobs", "max_cars", "max_leaderboards"),
            *("synced_at", "sync_error", "usage"),
        ]
        read_only_fields = fields

    @extend_schema_field(UsageSerializer)
    def get_usage(self, account: Any) -> Any:
        return UsageSerializer(account.usage).data


class _Accounts(ApiView):
    area = ACCOUNTS
    reach = "A key for chosen events sees the accounts of these."
    queryset = SponsoringAccount.objects.all()
    serializer_class = SponsoringAccountSerializer

    def get_queryset(self) -> QuerySet[SponsoringAccount]:
        accounts: QuerySet[SponsoringAccount] = super().get_queryset()
        if self.key.all_events:
            return accounts
        chosen = limit_to_chosen_events(self.key, EventAccount.objects.order_by(), "event")
        return accounts.filter(pk__in=chosen.values("sponsoring_account"))


def attach_usage(accounts: list[SponsoringAccount]) -> list[SponsoringAccount]:
    """As many queries for many as for one."""
    usage = see_account_usage(accounts=accounts)
    for account in accounts:
        account.usage = usage[account.pk]  # type: ignore[attr-defined]
    return accounts


@extend_schema(summary="List sponsoring accounts")
class AccountsView(_Accounts, ListApiView):
    def load(self, rows: list[Any]) -> list[Any]:
        return attach_usage(rows)


@extend_schema(summary="Read a sponsoring account")
class AccountView(_Accounts, DetailApiView):
    lookup_field, lookup_url_kwarg = "account_id", "account"

    def get_object(self) -> Any:
        return attach_usage([super().get_object()])[0]
