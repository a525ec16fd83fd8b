"""The pit wall."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from paddock.tenancy.lookup import list_memberships
from paddock.tenancy.middleware import SESSION_KEY


class PaddockAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """For operators, and for everybody who works for an organization."""

    site_title = "Paddock"
    site_header = "Paddock"
    index_title = "Pit wall"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not user.is_authenticated or not user.is_active:
            return False
        return user.is_superuser or bool(list_memberships(user))

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("organization/<slug:slug>/", self.admin_view(self.switch_organization), name="switch_organization")
        ]

    def switch_organization(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Remember the choice. A slug that is not theirs changes nothing: the middleware looks at memberships."""
        request.session[SESSION_KEY] = slug
        return HttpResponseRedirect(reverse("admin:index"))
