"""What follows from changing an event's sponsoring accounts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from events.models import EventAccount
from paddock.tenancy.admin_base import TenantAdmin
from participants.domain.access import prepare_event
from participants.models import Step


class EventAccountsMixin(TenantAdmin):
    """A new account gets its group and its assignment at once, where the event has been set up before."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        event = form.instance
        if not _has_new_account(formsets) or not Step.objects.filter(event=event, registration=None).exists():
            return
        prepare_event(event=event)
        self.message_user(request, "The new account's group and access are being set up.", messages.SUCCESS)


def _has_new_account(formsets: Any) -> bool:
    """Also one that took the place of another."""
    touched = (
        [*formset.new_objects, *(row for row, fields in formset.changed_objects if "sponsoring_account" in fields)]
        for formset in formsets
        if formset.model is EventAccount
    )
    return any(touched)
