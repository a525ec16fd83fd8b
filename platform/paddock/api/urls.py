"""What belongs to the API as a whole; each app adds its resources beneath the organization."""

from django.urls import path

from paddock.api.documentation import DocumentationView, SchemaView
from paddock.api.oauth import TokenView

app_name = "documentation"
urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("organizations/<slug:organization>/oauth/token/", TokenView.as_view(), name="token"),
    path("docs/", DocumentationView.as_view(), name="docs"),
]
