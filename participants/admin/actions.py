"""What actions on one object's page share: a question first, then a POST that this site's own page sent."""

from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import ModelAdmin


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
