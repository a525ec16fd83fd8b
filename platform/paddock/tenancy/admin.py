"""What operators of the deployment open: the organizations, and the sessions by which they enter one."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from paddock.accounts.models import User
from paddock.tenancy.admin_base import show_label, show_time
from paddock.tenancy.middleware import OPERATOR_SESSION_KEY
from paddock.tenancy.models import OperatorSession, Organization
from paddock.tenancy.operator_forms import OperatorSessionForm
from paddock.tenancy.operator_sessions import end_operator_session, start_operator_session
from paddock.tenancy.scope import across_tenants, organization_scope
from paddock.tenancy.signals import organization_opened

COLOURS = {"open": "warning", "over": None}


class OperatorAdmin(ModelAdmin):  # type: ignore[misc]
    """Pages that only operators of the deployment open."""

    def _is_operator(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_module_permission = has_view_permission = _is_operator
    has_add_permission = has_change_permission = has_delete_permission = _is_operator


@admin.register(Organization)
class OrganizationAdmin(OperatorAdmin):
    list_display = ["name", "slug", "since"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        with across_tenants("operators list every tenant"):
            return render_now(super().changelist_view(request, extra_context))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with across_tenants("operators make and change tenants"):
            return render_now(super().changeform_view(request, *args, **kwargs))

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with across_tenants("operators see what was done to every tenant"):
            return render_now(super().history_view(request, *args, **kwargs))

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            with organization_scope(obj.pk):
                organization_opened.send(sender=Organization, organization=obj)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """An address that is out in the world does not follow the name."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []

    @admin.display(description="Since", ordering="created_at")
    def since(self, organization: Organization) -> str:
        return show_time(organization.created_at)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tenant does not go by a click."""
        return False


@admin.register(OperatorSession)
class OperatorSessionAdmin(OperatorAdmin):
    form = OperatorSessionForm
    list_display = ["organization", "user", "reason", "standing", "started", "over"]
    list_filter = ["organization"]
    list_select_related = ["organization", "user"]
    search_fields = ["reason", "organization__name"]
    search_help_text = "Why or where"
    show_history = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was done under it refers to it."""
        return False

    def get_urls(self) -> list[URLPattern]:
        end = self.admin_site.admin_view(require_POST(self.end_view))
        rest: list[URLPattern] = super().get_urls()
        return [path("end/", end, name="tenancy_operatorsession_end"), *rest]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["organization", "user", "reason", "standing", "started", "over"]
        return shown if obj else ["tenant", "minutes", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        with across_tenants("operators list their sessions in every tenant"):
            return render_now(super().changelist_view(request, extra_context))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with across_tenants("operators choose the tenant that they enter"):
            return render_now(super().changeform_view(request, *args, **kwargs))

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with across_tenants("operators look at their sessions in every tenant"):
            return render_now(super().history_view(request, *args, **kwargs))

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> OperatorSession:
        """Begun by its own verb, which writes the row, closes others and records both."""
        super().save_form(request, form, change)  # what the admin asks of the form afterwards
        given = form.cleaned_data
        session = start_operator_session(
            operator=cast(User, request.user),
            organization=given["tenant"],
            reason=given["reason"],
            minutes=given["minutes"],
        )
        request.session[OPERATOR_SESSION_KEY] = session.pk
        return session

    def save_model(self, request: HttpRequest, obj: OperatorSession, form: Any, change: bool) -> None:
        """It is saved already."""

    def response_add(self, request: HttpRequest, obj: OperatorSession, post_url_continue: Any = None) -> HttpResponse:
        sentence = f"You act for {obj.organization} until {show_time(obj.ends_at)}. Its owners can see that, and why."
        self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:index"))

    def end_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        session: OperatorSession | None = getattr(request, "operator_session", None)
        request.session.pop(OPERATOR_SESSION_KEY, None)
        if session:
            end_operator_session(session=session)
            self.message_user(request, f"You act for {session.organization} no longer.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:tenancy_operatorsession_changelist"))

    @admin.display(description="State")
    def standing(self, session: OperatorSession) -> str:
        return show_label("open", "Open", COLOURS) if session.is_open else show_label("over", "Over", COLOURS)

    @admin.display(description="Began", ordering="started_at")
    def started(self, session: OperatorSession) -> str:
        return show_time(session.started_at)

    @admin.display(description="Ends", ordering="ends_at")
    def over(self, session: OperatorSession) -> str:
        return show_time(session.ended_at or session.ends_at)


def render_now(response: HttpResponse) -> HttpResponse:
    """Templates read rows too, and must do so before the scope ends."""
    rendered: HttpResponse = response.render() if hasattr(response, "render") else response
    return rendered
