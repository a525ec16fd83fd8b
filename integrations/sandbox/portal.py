"""The access portal: stand-ins for sign-in and for the AWS console, with the real question of access between them."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from integrations.sandbox.access import NoAccessError, Role, find_role, roles_of
from integrations.sandbox.cloud import Cloud

CONSOLE_HOME = "https://console.aws.amazon.com/console/home"

_COOKIE = "sandbox_person"
_MAX_SUGGESTIONS = 50
_SERVICES = {"deepracer": "DeepRacer", "console": "AWS Management Console", "s3": "S3", "ec2": "EC2"}


class PortalViews:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def start(self, name: str = "") -> str:
        """The deep link's target is in the fragment, which only the page's script can read."""
        path = _portal_path(name)
        self._require_portal(path)
        person = request.cookies.get(_COOKIE, "")
        return render_template("start.html", path=path, person=person, suggestions=self._suggestions(path))

    def sign_in(self, name: str = "") -> BaseResponse:
        path, email = _portal_path(name), request.form.get("email", "").strip()
        if not email:
            return redirect(path)
        target = {key: request.form.get(key, "") for key in ("account_id", "role_name", "destination")}
        address = f"/console?{urlencode({'portal': path, **target})}" if target["account_id"] else f"{path}accounts"
        response = redirect(address, code=303)
        response.set_cookie(_COOKIE, email, httponly=True, samesite="Lax")
        return response

    def sign_out(self, name: str = "") -> BaseResponse:
        response = redirect(_portal_path(name), code=303)
        response.delete_cookie(_COOKIE)
        return response

    def accounts(self, name: str = "") -> Response | str | BaseResponse:
        path, person = _portal_path(name), request.cookies.get(_COOKIE, "")
        if not person:
            return redirect(path)
        try:
            roles = roles_of(self._cloud, portal_path=path, email=person)
        except NoAccessError as error:
            return _refused(path, person, str(error))
        return render_template("accounts.html", path=path, person=person, roles=roles)

    def console(self) -> Response | str | BaseResponse:
        """Checked anew at every visit: access that was taken away ends here too."""
        path, person = request.args.get("portal", "/start/"), request.cookies.get(_COOKIE, "")
        if not person:
            return redirect(_deep_link(path))
        account_id, role_name = request.args.get("account_id", ""), request.args.get("role_name", "")
        try:
            role = find_role(self._cloud, portal_path=path, email=person, account_id=account_id, role_name=role_name)
        except NoAccessError as error:
            return _refused(path, person, str(error), account_id=account_id)
        destination = _destination(role)
        return render_template(
            "console.html", path=path, person=person, role=role, destination=destination, place=_service(destination)
        )

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
    blueprint.get("/console")(views.console)
    return blueprint


def _portal_path(name: str) -> str:
    return f"/start/{name}/" if name else "/start/"


def _deep_link(path: str) -> str:
    target = {key: request.args.get(key, "") for key in ("account_id", "role_name", "destination")}
    return f"{path}#/console?{urlencode({key: value for key, value in target.items() if value})}"


def _destination(role: Role) -> str:
    """Of the link, else the permission set's relay state, else the console's home; only web addresses."""
    wanted = request.args.get("destination") or role.relay_state or CONSOLE_HOME
    return wanted if urlsplit(wanted).scheme == "https" else CONSOLE_HOME


def _service(destination: str) -> str:
    """What the address leads to, in words: DeepRacer of ``https://…/deepracer/home``."""
    first = urlsplit(destination).path.strip("/").partition("/")[0]
    return _SERVICES.get(first.lower(), first.capitalize() or _SERVICES["console"])


def _refused(path: str, person: str, reason: str, *, account_id: str = "") -> Response:
    page = render_template("no_access.html", path=path, person=person, reason=reason, account_id=account_id)
    return make_response(page, 403)
