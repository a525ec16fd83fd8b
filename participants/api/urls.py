from django.urls import path

from participants.api.bulk import BulkRegistrationView
from participants.api.participants import ParticipantsView, ParticipantView
from participants.api.registrations import EventRegistrationsView, RegistrationsView, RegistrationView
from participants.api.removal import EndView, RemoveManyView, RemoveView, RetryView

app_name = "api"
urlpatterns = [
    path("events/<slug:event>/registrations/", EventRegistrationsView.as_view(), name="event_registrations"),
    path("events/<slug:event>/registrations/bulk/", BulkRegistrationView.as_view(), name="bulk_registration"),
    path("events/<slug:event>/registrations/remove/", RemoveManyView.as_view(), name="remove_many"),
    path("events/<slug:event>/end/", EndView.as_view(), name="end_event"),
    path("registrations/", RegistrationsView.as_view(), name="registrations"),
    path("registrations/<uuid:registration>/", RegistrationView.as_view(), name="registration"),
    path("registrations/<uuid:registration>/remove/", RemoveView.as_view(), name="remove"),
    path("registrations/<uuid:registration>/retry/", RetryView.as_view(), name="retry"),
    path("participants/", ParticipantsView.as_view(), name="participants"),
    path("participants/<int:participant>/", ParticipantView.as_view(), name="participant"),
]
