"""The front page. It names no event: which ones there are is each organization's own business."""

from typing import Any

from django.conf import settings
from django.views.generic import TemplateView


class HomeView(TemplateView):
    template_name = "pages/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sandbox_url": getattr(settings, "SANDBOX_URL", "")}
