"""Reading request bodies."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# As JSON writes it; after an escaped backslash the same letters are a text about it.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class StorableJSONParser(JSONParser):
    """JSON without half characters (lone surrogates) and NUL, which no database stores and no answer can repeat."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            text = json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ParseError("The request holds half a character, which cannot be stored.") from error
        except RecursionError as error:
            raise ParseError("The request is nested too deeply.") from error
        if NUL.search(text):
            raise ParseError("The request holds a NUL character, which cannot be stored.")
        return data
