from django.urls import path

from participants.api.participants import ParticipantsView, ParticipantView
from participants.api.registrations import EventRegistrationsView, RegistrationsView, RegistrationView

app_name = "api"
urlpatterns = [
    path("events/<slug:event>/registrations/", EventRegistrationsView.as_view(), name="event_registrations"),
    path("registrations/", RegistrationsView.as_view(), name="registrations"),
    path("registrations/<uuid:registration>/", RegistrationView.as_view(), name="registration"),
    path("participants/", ParticipantsView.as_view(), name="participants"),
    path("participants/<int:participant>/", ParticipantView.as_view(), name="participant"),
]
