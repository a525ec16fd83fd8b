"""The access portal: a stand-in for sign-in, and the list of what one may open."""

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from integrations.sandbox.access import NoAccessError, roles_of
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.visitors import PERSON_COOKIE, refuse_access, signed_in_person

_MAX_SUGGESTIONS = 50


class PortalViews:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def start(self, name: str = "") -> str:
        """The deep link's target is in the fragment, which only the page's script can read."""
        path = _portal_path(name)
        self._require_portal(path)
        person = signed_in_person()
        return render_template("start.html", path=path, person=person, suggestions=self._suggestions(path))

    def sign_in(self, name: str = "") -> BaseResponse:
        path, email = _portal_path(name), request.form.get("email", "").strip()
        if not email:
            return redirect(path)
        response = redirect(_next_address(path), code=303)
        response.set_cookie(PERSON_COOKIE, email, httponly=True, samesite="Lax")
        return response

    def sign_out(self, name: str = "") -> BaseResponse:
        response = redirect(_portal_path(name), code=303)
        response.delete_cookie(PERSON_COOKIE)
        return response

    def accounts(self, name: str = "") -> Response | str | BaseResponse:
        path, person = _portal_path(name), signed_in_person()
        if not person:
            return redirect(path)
        try:
            roles = roles_of(self._cloud, portal_path=path, email=person)
        except NoAccessError as error:
            return refuse_access(path, str(error))
        return render_template("accounts.html", path=path, person=person, roles=roles)

    def _require_portal(self, path: str) -> None:
        if path != "/start/" and path not in {portal.path for portal in self._cloud.aws.portals.values()}:
            abort(404)

    def _suggestions(self, path: str) -> list[str]:
        stores = [p.identity_store_id for p in self._cloud.aws.portals.values() if p.path == path]
        names = [u["UserName"] for key in stores for u in self._cloud.aws.identity_stores[key].users.values()]
        return sorted(names)[:_MAX_SUGGESTIONS]


def portal_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, views = Blueprint("portal", __name__), PortalViews(cloud)
    for prefix in ("/start/", "/start/<name>/"):
        blueprint.get(prefix)(views.start)
        blueprint.post(f"{prefix}sign-in")(views.sign_in)
        blueprint.post(f"{prefix}sign-out")(views.sign_out)
        blueprint.get(f"{prefix}accounts")(views.accounts)
    return blueprint


def _portal_path(name: str) -> str:
    return f"/start/{name}/" if name else "/start/"


def _next_address(path: str) -> str:
    """Where somebody was on their way to when they signed in."""
    target = {key: request.form.get(key, "") for key in ("account_id", "role_name", "destination")}
    if target["account_id"]:
        return f"/console?{urlencode({'portal': path, **target})}"
    token = request.form.get("race_token")
    return f"/console/race?{urlencode({'token': token})}" if token else f"{path}accounts"
