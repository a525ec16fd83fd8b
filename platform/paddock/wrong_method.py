"""A page for whoever types the address of a button into the browser; Django would answer with an empty one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render


class WrongMethodMiddleware:
    """Answers of programs, and pieces of pages, stay as they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        is_for_a_person = request.accepts("text/html") and "HX-Request" not in request.headers
        if not isinstance(answer, HttpResponseNotAllowed) or not is_for_a_person:
            return answer
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = answer.headers["Allow"]
        return page
