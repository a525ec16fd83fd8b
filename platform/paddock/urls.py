from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("paddock.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("events.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("participants.api.urls")),
    path("", include("paddock.sso.urls")),
    path("sso/", include("paddock.sso.protocol_urls")),
    path("", include("participants.urls")),
]

handler400 = "paddock.api.problems.answer_bad_request"
handler404 = "paddock.api.problems.answer_not_found"
handler500 = "paddock.api.problems.answer_broken"
