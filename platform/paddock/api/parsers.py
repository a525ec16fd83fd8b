"""Reading request bodies."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StorableJSONParser(JSONParser):
    """JSON without half characters (lone surrogates) and NUL, which no database stores and no answer can repeat."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        data = super().parse(stream, media_type, parser_context)
        try:
            text = json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ParseError("The request holds half a character, which cannot be stored.") from error
        if rb"\u0000" in text:
            raise ParseError("The request holds a NUL character, which cannot be stored.")
        return data
