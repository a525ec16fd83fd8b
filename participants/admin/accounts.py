"""The page of a sponsoring account, with who trains there and what that costs."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from unfold.decorators import action

from events.admin.account import SponsoringAccountAdmin
from events.models import Price, SponsoringAccount
from paddock.audit.recording import record
from paddock.money import show_dollars
from paddock.tenancy.admin_base import TenantTabularInline, may, show_time
from paddock.tenancy.models import Membership
from participants.admin.account_mode import AccountModeMixin
from participants.admin.actions import OptionalReasonDialog, find_actor, find_object, return_to
from participants.admin.usage_exports import export_account_usage
from participants.domain.reading import sync_usage_now
from participants.domain.usage.figures import Usage, see_account_usage
from participants.domain.usage.ledger import reprice_usage
from participants.domain.usage.linking import lock_account
from participants.domain.usage.pricing import load_price_lists


class PriceInline(TenantTabularInline):
    model = Price
    tab = True
    writing_role = Membership.Role.OWNER
    fields = ["valid_from", "training_hour", "storage_gigabyte_month"]


@admin.register(SponsoringAccount)
class RacingAccountAdmin(AccountModeMixin, SponsoringAccountAdmin):
    list_display = ["name", "account_id", "kind", "training", "spent", "exposure", "as_of"]
    inlines = [PriceInline]
    recorded_elsewhere = (Price,)
    # In a menu, because two buttons more would not fit beside the others on a small desktop.
    usage_menu = {"title": "Usage", "icon": "query_stats", "items": ["sync_now", "export_usage"]}
    actions_detail = ["activate_mode", "deactivate_mode", usage_menu]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The usage of all accounts on the page, at once."""
        changelist = super().get_changelist_instance(request)
        accounts = list(changelist.result_list)
        usages = see_account_usage(accounts=accounts)
        for account in accounts:
            account.usage = usages[account.pk]
        changelist.result_list = accounts
        return changelist

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Prices hold from their day on, also where they are entered afterwards."""
        account: SponsoringAccount = form.instance
        before = _describe_prices(account)
        super().save_related(request, form, formsets, change)
        after = _describe_prices(account)
        if before == after:
            return
        lock_account(account.pk)
        reprice_usage(account_id=account.pk, prices=load_price_lists([account])[account.pk])
        changes: dict[str, Any] = {"prices": [before, after]}
        record(actor=request.user, action="changed prices", about=account, changes=changes)  # type: ignore[arg-type]

    def has_sync_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.ORGANIZER)

    @action(  # type: ignore[untyped-decorator]
        description="Sync now",
        icon="sync",
        permissions=["sync"],
        url_path="sync",
        dialog={
            "title": "Read the usage now?",
            "description": "Paddock reads every racer of this account from the racing service. It does so every few "
            "minutes by itself.",
            "form_class": OptionalReasonDialog,
            "form_submit_text": "Sync now",
        },
    )
    def sync_now(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        account: SponsoringAccount = find_object(self, request, object_id)
        sync_usage_now(account=account, actor=find_actor(request), reason=form.cleaned_data["reason"])
        self.message_user(request, "The usage is being read. Reload this page in a moment to see it.", messages.SUCCESS)
        return return_to(request, account)

    def has_export_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.VIEWER)

    @action(  # type: ignore[untyped-decorator]
        description="Usage as CSV", icon="download", permissions=["export"], url_path="usage-csv"
    )
    def export_usage(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        return export_account_usage(find_object(self, request, object_id))

    @admin.display(description="Training")
    def training(self, account: SponsoringAccount) -> str:
        return f"{_usage_of(account).training_seconds / 3600:,.1f} h"

    @admin.display(description="Spent")
    def spent(self, account: SponsoringAccount) -> str:
        return show_dollars(_usage_of(account).spent)

    @admin.display(description="Running and queued, at worst")
    def exposure(self, account: SponsoringAccount) -> str:
        return show_dollars(_usage_of(account).exposure)

    @admin.display(description="As of", ordering="synced_at")
    def as_of(self, account: SponsoringAccount) -> str:
        return show_time(account.synced_at)


def _usage_of(account: SponsoringAccount) -> Usage:
    usage: Usage = account.usage  # type: ignore[attr-defined]
    return usage


def _describe_prices(account: SponsoringAccount) -> list[str]:
    return [
        f"from {price.valid_from}: {show_dollars(price.training_hour)} an hour, "
        f"{show_dollars(price.storage_gigabyte_month)} a gigabyte's month"
        for price in Price.objects.filter(sponsoring_account=account)
    ]
