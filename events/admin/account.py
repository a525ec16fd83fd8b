"""Sponsoring accounts. `participants` registers the page, because it adds who trains there and what that costs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from events.admin.abilities import explain_abilities
from events.admin.account_form import AccountForm
from events.admin.connections import WAY_IN, SecretConnectionAdmin, show_when
from events.models import SponsoringAccount
from paddock.tenancy.admin_base import show_time

IN_MULTI_USER_MODE = show_when("kind == 'multi_user'")
ON_AWS = show_when("kind == 'deepracer_on_aws'")


class SponsoringAccountAdmin(SecretConnectionAdmin):
    form = AccountForm
    change_form_outer_before_template = "admin/account_standing.html"
    list_display = ["name", "account_id", "kind"]
    search_fields = ["name", "account_id"]
    search_help_text = "Name or account id"
    list_filter = ["kind"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("name", "kind", "account_id", "console_url"),
                    *("site_url", "admin_email", "admin_password"),
                    *("mode", "abilities", "contacts"),
                ]
            },
        ),
        (
            "Limits of the account",
            {
                "description": "What AWS allows everybody in it together. Forecasts and preflights count with it.",
                "fields": ["max_training_jobs", "max_evaluation_jobs", "max_cars", "max_leaderboards"],
            },
        ),
        WAY_IN,
    ]
    conditional_fields = {
        "console_url": IN_MULTI_USER_MODE,
        "site_url": ON_AWS,
        "admin_email": ON_AWS,
        "admin_password": ON_AWS,
        "max_evaluation_jobs": IN_MULTI_USER_MODE,
        "max_cars": IN_MULTI_USER_MODE,
        "max_leaderboards": IN_MULTI_USER_MODE,
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "mode", "abilities"]

    @admin.display(description="Multi-user mode")
    def mode(self, account: SponsoringAccount) -> str:
        return word_mode(account) if account.pk else "Appears after the first save."

    @admin.display(description="What Paddock can do here")
    def abilities(self, account: SponsoringAccount) -> str:
        return explain_abilities(account) if account.pk else "Appears after the first save."


def word_mode(account: SponsoringAccount) -> str:
    if not account.is_multi_user:
        return "This kind of account has none: racers can train while the deployment is there."
    if account.wants_mode is not None:
        return "Being switched on" if account.wants_mode else "Being switched off"
    if account.mode_is_on is None:
        return "Not looked at yet"
    as_of = f", as of {show_time(account.synced_at)}" if account.synced_at else ""
    return ("On" if account.mode_is_on else "Off: nobody can train") + as_of
