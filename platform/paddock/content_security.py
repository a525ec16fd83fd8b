"""The admin's own content security policy; everything else keeps the strict one."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


class AdminContentSecurityMiddleware:
    """The admin's scripts evaluate the expressions in its pages, which the rest of the site must never do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.get_admin_response: Any = csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(get_response)

    def __call__(self, request: HttpRequest) -> Any:
        is_admin = request.path_info.startswith(reverse("admin:index"))
        return self.get_admin_response(request) if is_admin else self.get_response(request)
