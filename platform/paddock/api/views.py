"""What every resource of the API stands on."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from paddock.api.authentication import HasScope, KeyAuthentication
from paddock.api.fieldsets import narrow
from paddock.api.keys import limit_to_chosen_events
from paddock.api.models import ApiKey
from paddock.api.openapi import ApiSchema
from paddock.api.pagination import Pages
from paddock.api.parsers import StorableJSONParser
from paddock.api.preconditions import check_unchanged, has_current, make_etag
from paddock.api.scopes import Area
from paddock.api.throttling import CallThrottle


class ApiView(GenericAPIView[Any]):
    """`area` names the scopes that it takes; `event_path` leads from its rows to their event; `reach` is a sentence for
    partners about what a key for chosen events sees.

    Methods that change something are decorated with `idempotent`, and call a function of the domain.
    """

    area: ClassVar[Area]
    event_path: ClassVar[str | None] = None
    reach: ClassVar[str] = ""
    open_methods: ClassVar[tuple[str, ...]] = ()
    shows_many = shows_one = False
    authentication_classes = [KeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [CallThrottle]
    parser_classes = [StorableJSONParser]
    pagination_class: Any = None
    filter_backends: list[Any] = []
    schema = ApiSchema()
    rate_headers: dict[str, str] = {}

    @property
    def key(self) -> ApiKey:
        """Whose call this is. Only open methods are called without one."""
        if not isinstance(self.request.auth, ApiKey):
            raise Http404
        return self.request.auth

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        _ = request._request.body  # noqa: SLF001 (whole, so that one that is too large is refused here)
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        return limit_to_chosen_events(self.key, queryset, self.event_path) if self.event_path else queryset

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        for name, value in {"Cache-Control": "no-store", **self.rate_headers}.items():
            final.headers.setdefault(name, value)
        return final

    def get_object(self) -> Any:
        """Foreign, missing and not chosen are all the same: not there."""
        return self._find(self.get_queryset())

    def lock_object(self) -> Any:
        """For changing it: nobody else does until the transaction ends."""
        row = self._find(self.get_queryset().order_by())
        locked = type(row)._base_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
        if locked is None:
            raise Http404
        return self.get_object()

    def _find(self, queryset: QuerySet[Any]) -> Any:
        row = queryset.filter(**{self.lookup_field: self.kwargs[self.lookup_url_kwarg or self.lookup_field]}).first()
        if row is None:
            raise Http404
        return row

    def describe(self, row: Any) -> Any:
        return self.get_serializer(row).data

    def answer(self, row: Model, *, status_code: int = status.HTTP_200_OK) -> Response:
        """One object with its entity tag."""
        data = self.describe(row)
        return Response(data, status=status_code, headers={"ETag": make_etag(data)})


class ListApiView(ApiView):
    """GET lists rows, page by page. A view that creates as well adds `post`."""

    shows_many = True
    pagination_class = Pages
    filter_backends = [DjangoFilterBackend]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        serializer = self.get_serializer(self.load(page or []), many=True)
        known = list(self.get_serializer().fields)  # type: ignore[attr-defined]
        return self.get_paginated_response(narrow(request, serializer.data, known=known))

    def load(self, rows: list[Any]) -> list[Any]:
        """The rows of a page with what it shows besides: asked for at once, and not of the whole list."""
        return rows


class DetailApiView(ApiView):
    """GET reads one row. A view that changes it as well adds `patch`, which begins with `begin_change`."""

    shows_one = True

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        data = self.describe(self.get_object())
        etag = make_etag(data)
        if has_current(request, etag):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag})
        return Response(narrow(request, data, known=list(data)), headers={"ETag": etag})

    def begin_change(self, request: Request) -> Any:
        """The row under a lock, once it is known to be the one that the caller has seen. Needs a transaction."""
        row = self.lock_object()
        check_unchanged(request, make_etag(self.describe(row)))
        return row
