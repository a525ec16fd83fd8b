from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("participants.api.urls")),
    path("", include("paddock.sso.urls")),
    path("sso/", include("paddock.sso.protocol_urls")),
    path("", include("participants.urls")),
]
