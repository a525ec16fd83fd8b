"""The schema, and a page that explains the API. Both are for everybody, and need nothing from elsewhere."""

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

from paddock.api.problems import CODES, PROBLEMS
from paddock.api.scopes import AREAS


class SchemaView(SpectacularAPIView):
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []


@method_decorator(csp_update({"style-src": "'unsafe-inline'", "img-src": "data:"}), name="dispatch")
class DocumentationView(TemplateView):
    """The reference beneath the guide has styles and icons of its own in its page; scripts stay the site's own."""

    template_name = "api/documentation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statuses = {code: status for status, code in CODES.items()}
        problems = [(code, statuses.get(code, ""), title) for code, title in PROBLEMS.items()]
        root = f"{settings.SITE_URL.rstrip('/')}/api/v1"
        return super().get_context_data(**kwargs) | {"problems": problems, "areas": AREAS, "root": root}
