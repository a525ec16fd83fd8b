"""Events, as organizers keep them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.examples import CHANGE_EVENT
from events.api.filters import EventFilters
from events.api.serializers import EventSerializer
from events.domain.editing import change_event
from events.domain.lookup import list_events
from paddock.api.idempotency import idempotent
from paddock.api.scopes import EVENTS
from paddock.api.serializers import as_problem
from paddock.api.views import DetailApiView, ListApiView


@extend_schema(summary="List events")
class EventsView(ListApiView):
    area, event_path = EVENTS, "pk"
    queryset = list_events()
    serializer_class = EventSerializer
    filterset_class = EventFilters


@extend_schema(summary="Read an event")
class EventView(DetailApiView):
    area, event_path = EVENTS, "pk"
    queryset = list_events()
    serializer_class = EventSerializer
    lookup_field, lookup_url_kwarg = "slug", "event"

    @extend_schema(summary="Change an event", examples=CHANGE_EVENT)
    @idempotent
    def patch(self, request: Request, **kwargs: Any) -> Response:
        with transaction.atomic():
            event = self.begin_change(request)
            serializer = self.get_serializer(event, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            try:
                change_event(event=event, changes=serializer.validated_data)
            except ValidationError as error:
                raise as_problem(error) from error
            return self.answer(self.get_object())
