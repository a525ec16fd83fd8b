"""What actions on one object's page share: a question first, then a POST that this site's own page sent."""

from typing import Any, cast

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import ModelAdmin
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

REASON = "One sentence for whoever asks later. It is kept in the audit trail."


class ReasonDialog(BaseDialogForm):  # type: ignore[misc]
    """The question before a deed that needs no preview."""

    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextInputWidget, help_text=REASON)


class OptionalReasonDialog(ReasonDialog):
    """The question before what changes nothing by itself."""

    reason = forms.CharField(
        label="Reason (optional)", max_length=300, required=False, widget=UnfoldAdminTextInputWidget, help_text=REASON
    )


def find_actor(request: HttpRequest) -> AbstractBaseUser:
    """Who is at it. The admin lets nobody in who has not signed in."""
    return cast(AbstractBaseUser, request.user)


def find_object(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> Any:
    """The object as this page's own queryset knows it. Foreign, hidden and missing ones are all the same: not there."""
    found: Model | None = model_admin.get_object(request, object_id)
    if found is None:
        raise Http404("There is no such object.")
    return found


def return_to(request: HttpRequest, row: Model) -> HttpResponse:
    """Back to the object's page, from the dialog above it or from a plain form."""
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return HttpResponseClientRedirect(page) if request.headers.get("HX-Request") else HttpResponseRedirect(page)
