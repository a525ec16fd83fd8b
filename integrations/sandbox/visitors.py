"""Who visits the access portal and the console."""

from flask import Response, make_response, render_template, request

PERSON_COOKIE = "sandbox_person"


def signed_in_person() -> str:
    """E-mail address; empty for somebody who has not signed in."""
    return request.cookies.get(PERSON_COOKIE, "")


def refuse_access(path: str, reason: str, *, account_id: str = "") -> Response:
    page = render_template("no_access.html", path=path, person=signed_in_person(), reason=reason, account_id=account_id)
    return make_response(page, 403)
