"""The pit wall."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect
from unfold.sites import UnfoldAdminSite

from paddock.accounts import door
from paddock.audit.actors import because
from paddock.audit.reasons import read_reason
from paddock.sso.addresses import with_next
from paddock.tenancy.middleware import SESSION_KEY


class PaddockAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """For operators, and for everybody who works for an organization."""

    site_title = "Paddock"
    site_header = "Paddock"
    index_title = "Pit wall"
    index_template = "admin/pit_wall.html"
    login_template = "admin/sign_in.html"

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Whatever is done on a page that asks why carries the reason."""

        @wraps(view)
        def reasoned(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            with because(read_reason(request)):
                return view(request, *args, **kwargs)

        wrapped: Callable[..., Any] = super().admin_view(reasoned, cacheable)
        return wrapped

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Found when somebody looks at it: every page is given one, and only the search and an app's own page do."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not user.is_authenticated or not user.is_active:
            return False
        return user.is_superuser or getattr(request, "membership", None) is not None

    def extra_urls(self) -> list[URLPattern]:
        switch = require_POST(self.switch_organization)
        return [
            path("organization/<slug:slug>/", self.admin_view(switch), name="switch_organization"),
            path("second-factor/", never_cache(door.enter_code), name="second_factor"),
            path("second-factor/set-up/", self.admin_view(door.set_up_codes), name="set_up_second_factor"),
            path("prove-again/", self.admin_view(door.prove_again), name="prove_again"),
            path("sign-out-everywhere/", self.admin_view(door.sign_out_everywhere), name="sign_out_everywhere"),
        ]

    def switch_organization(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Remember the choice. A slug that is not theirs changes nothing: the middleware looks at memberships."""
        request.session[SESSION_KEY] = slug
        if "stay" in request.POST:
            return HttpResponse("<p><strong>Switched back.</strong> Now go back, and send your page again.</p>")
        return HttpResponseClientRedirect(reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """As on the portal: with the session at the identity provider."""
        from paddock.sso.views import leave

        return leave(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from paddock.sso.addresses import keep_own_path
        from paddock.sso.forms import DoorForm

        context = (extra_context or {}) | {
            "password_sign_in": settings.PASSWORD_SIGN_IN,
            "address_form": DoorForm(),
            "next": keep_own_path(request.GET.get("next")) or reverse("admin:index"),
        }
        response: HttpResponse = super().login(request, context)
        form = getattr(response, "context_data", {}).get("form")
        for error in form.non_field_errors().as_data() if form is not None else []:
            if error.code == "second_factor":
                return HttpResponseRedirect(with_next(reverse("admin:second_factor"), door.find_next(request)))
            if error.code == "too_many_tries":
                response.status_code = 429
                response.headers["Retry-After"] = str(error.params["retry_after"])
        return response
