"""Pages by a cursor: as fast at the end of a list as at its beginning, and nobody is shown twice or left out."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class Pages(CursorPagination):
    """Oldest first, by the row's own number: what is new meanwhile stands at the end."""

    ordering = "id"
    page_size = 100
    max_page_size = 500
    page_size_query_param = "page_size"
    page_size_query_description = "How many on a page, 500 at most."
    cursor_query_description = "Where the page begins: taken from `next` or `previous`, never made up."

    def get_page_size(self, request: Request) -> int | None:
        wanted = request.query_params.get("page_size")
        if wanted is None:
            return self.page_size
        if not (wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= self.max_page_size):
            raise ValidationError({"page_size": [f"Ask for 1 to {self.max_page_size}."]})
        return int(wanted)

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise _MADE_UP from error
        if cursor and cursor.position is not None and not _is_number(str(cursor.position)):
            raise _MADE_UP
        return cursor

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link | {"description": "The page after this one; null at the end."},
                "previous": link | {"description": "The page before this one; null at the beginning."},
                "results": schema,
            },
        }


_MADE_UP = ValidationError({"cursor": ["Take the cursor from `next` or `previous` as it stands there."]})


def _is_number(position: str) -> bool:
    return position.isascii() and position.isdigit() and len(position) < 19
