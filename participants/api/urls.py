from django.urls import path

from participants.api.registrations import RegistrationsView

app_name = "api"
urlpatterns = [
    path(
        "organizations/<slug:organization>/events/<slug:event>/registrations/",
        RegistrationsView.as_view(),
        name="registrations",
    ),
]
