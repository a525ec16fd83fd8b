from django.urls import path

from events.api.views import EventsView, EventView

app_name = "events_api"
urlpatterns = [
    path("events/", EventsView.as_view(), name="events"),
    path("events/<slug:event>/", EventView.as_view(), name="event"),
]
