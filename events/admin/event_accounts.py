"""The sponsoring accounts of an event, on its page: whom each takes, and none is lost while people are on it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, Q, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest

from events.models import EventAccount, SponsoringAccount
from paddock.tenancy.admin_base import TenantTabularInline


class EventAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """Starts with the only account there is, and keeps that although nobody has touched it."""

    class Meta:
        model = EventAccount
        fields = ["sponsoring_account", "share"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = list(SponsoringAccount.objects.values_list("pk", flat=True)[:2])
        if not self.instance.pk and len(accounts) == 1:
            self.initial.setdefault("sponsoring_account", accounts[0])

    def has_changed(self) -> bool:
        is_new = self.instance.pk is None and bool(self.data.get(self.add_prefix("sponsoring_account")))
        return is_new or super().has_changed()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get(DELETION_FIELD_NAME) and (number := count_people(self.instance)):
            # What is to be deleted is not looked at for errors, so it is not to be deleted any more.
            del self.cleaned_data[DELETION_FIELD_NAME]
            self.add_error(None, _refuse_removal(self.instance, number))
        return cleaned

    def clean_sponsoring_account(self) -> SponsoringAccount:
        """People who are there could not be taken back from an account that the event has forgotten."""
        chosen: SponsoringAccount = self.cleaned_data["sponsoring_account"]
        if "sponsoring_account" in self.changed_data and (number := count_people(self.instance)):
            raise forms.ValidationError(f"{_say(number)} on this account. Add the other one beside it instead.")
        return chosen


def count_people(account: EventAccount) -> int:
    """Also those who were removed: they are taken back, and proven to be, by way of this account."""
    if account.pk is None:
        return 0
    registrations: Any = getattr(account, "registrations")  # noqa: B009 -- of an app above this one
    return int(registrations.count())


def _refuse_removal(account: EventAccount, number: int) -> str:
    return (
        f"{account.sponsoring_account} cannot be removed from the event: {_say(number)} on it. End the event, or set "
        "the account's share lower so that others take whoever comes."
    )


def _say(number: int) -> str:
    return "1 registration is" if number == 1 else f"{number} registrations are"


class EventAccountInline(TenantTabularInline):
    model = EventAccount
    form = EventAccountForm
    tab = True
    hide_title = True
    verbose_name_plural = "sponsoring accounts"
    min_num = 1
    fields = ["sponsoring_account", "share", "people", "directory_group_id", "identity_center_group_id"]
    readonly_fields = ["people", "directory_group_id", "identity_center_group_id"]

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, **{"validate_min": True, **kwargs})

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventAccount]:
        rows: QuerySet[EventAccount] = super().get_queryset(request)
        present = Count("registrations", filter=Q(registrations__removed_at=None))
        return rows.select_related("event", "sponsoring_account").annotate(present=present)

    @admin.display(description="People")
    def people(self, account: EventAccount) -> str:
        return str(getattr(account, "present", 0))
