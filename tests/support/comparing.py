"""Whether two answers are the same to whoever looks at them."""

import re
from typing import Any

# New in every page, and about nobody.
TOKEN = re.compile(r'(csrfmiddlewaretoken" value=|X-CSRFToken)[^>]+')


def see_answer(answer: Any, *names: object) -> tuple[int, str, str]:
    """Status, way on, and body; `names` are what stood in the address alone, such as an id."""
    way = str(answer.headers.get("Location", ""))
    body = "" if answer.streaming else TOKEN.sub("", answer.content.decode())
    for name in names:
        named = re.compile(rf"([/“]|%2F|[?&]\w+=){re.escape(str(name))}(?![\w-])")
        body, way = named.sub(r"\1*", body), named.sub(r"\1*", way)
    return answer.status_code, way, body
