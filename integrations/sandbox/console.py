"""The stand-in for the AWS console: whether somebody gets in, and the little of DeepRacer that a racer needs."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from integrations.sandbox.access import NoAccessError, Role, find_role
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.racing.accounts import Account
from integrations.sandbox.racing.admission import JobRefused
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.cockpit import begin_training, claim_alias, look_at, require_profile
from integrations.sandbox.racing.entries import enter, submit_newest
from integrations.sandbox.racing.joining import JoiningRefused
from integrations.sandbox.racing.progress import bring_forward
from integrations.sandbox.racing.races import SubmissionRefused, race_of_token
from integrations.sandbox.racing.seeds import multi_user_account
from integrations.sandbox.visitors import refuse_access, signed_in_person

CONSOLE_HOME = "https://console.aws.amazon.com/console/home"
DEEPRACER = "https://us-east-1.console.aws.amazon.com/deepracer/home"

_SERVICES = {"deepracer": "DeepRacer", "console": "AWS Management Console", "s3": "S3", "ec2": "EC2"}

Act = Callable[[Account, Moment], None]


class ConsoleViews:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def show(self) -> Response:
        """Without an account it can only be an invitation to a race."""
        if not request.args.get("account_id"):
            return make_response(render_template("race_link.html"))
        return self._with_access(self._render)

    def open_invitation(self) -> Response:
        """To the account of the race, through whichever portal leads there."""
        person, token = signed_in_person(), request.args.get("token", "")
        if not person:
            return redirect(f"/start/#/console/race?{urlencode({'token': token})}")
        moment = bring_forward(self._cloud)
        accounts = [a for a in self._cloud.racing.accounts.values() if race_of_token(a, token, moment=moment)]
        if not accounts:
            return refuse_access("/start/", "The invitation to the race is not valid any more.")
        return self._lead_to(accounts[0].account_id, person, token)

    def _lead_to(self, account_id: str, person: str, token: str) -> Response:
        reason = ""
        for path in sorted({portal.path for portal in self._cloud.aws.portals.values()}):
            try:
                find_role(self._cloud, portal_path=path, email=person, account_id=account_id, role_name="")
            except NoAccessError as error:
                reason = str(error)
            else:
                target = {"portal": path, "account_id": account_id, "destination": DEEPRACER, "race_token": token}
                return redirect(f"/console?{urlencode(target)}")
        return refuse_access("/start/", reason, account_id=account_id)

    def create_racer(self) -> Response:
        alias = request.form.get("alias", "").strip()
        return self._act(lambda account, moment: claim_alias(account, alias, signed_in_person(), moment=moment))

    def train(self) -> Response:
        return self._act(lambda account, moment: begin_training(account, signed_in_person(), moment=moment))

    def enter(self) -> Response:
        token = request.args.get("race_token", "")

        def act(account: Account, moment: Moment) -> None:
            enter(account, require_profile(account, signed_in_person()), token=token, moment=moment)

        return self._act(act)

    def submit(self) -> Response:
        race_id = request.form.get("race_id", "")

        def act(account: Account, moment: Moment) -> None:
            submit_newest(account, require_profile(account, signed_in_person()), race_id=race_id, moment=moment)

        return self._act(act)

    def _with_access(self, answer: Callable[[Role], Response]) -> Response:
        """Checked anew at every visit: access that was taken away ends here too."""
        path, person = request.args.get("portal", "/start/"), signed_in_person()
        if not person:
            return redirect(_deep_link(path))
        account_id, role_name = request.args.get("account_id", ""), request.args.get("role_name", "")
        try:
            role = find_role(self._cloud, portal_path=path, email=person, account_id=account_id, role_name=role_name)
        except NoAccessError as error:
            return refuse_access(path, str(error), account_id=account_id)
        return answer(role)

    def _act(self, act: Act) -> Response:
        """Back to the page; when the racer may not do it, with the reason."""

        def answer(role: Role) -> Response:
            moment, account = bring_forward(self._cloud), multi_user_account(self._cloud, role.account_id)
            try:
                if account is not None:
                    act(account, moment)
            except (JobRefused, JoiningRefused, SubmissionRefused) as refusal:
                return self._render(role, refusal=str(refusal))
            return redirect(f"/console?{urlencode(request.args)}", code=303)

        return self._with_access(answer)

    def _render(self, role: Role, *, refusal: str = "") -> Response:
        destination, person = _destination(role), signed_in_person()
        moment, account = bring_forward(self._cloud), multi_user_account(self._cloud, role.account_id)
        token = request.args.get("race_token", "")
        page = render_template(
            "console.html",
            path=request.args.get("portal", "/start/"),
            query=urlencode(request.args),
            person=person,
            role=role,
            destination=destination,
            place=_service(destination),
            cockpit=look_at(account, person, race_token=token, moment=moment) if account else None,
            refusal=refusal,
        )
        return make_response(page, 409 if refusal else 200)


def console_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, views = Blueprint("console", __name__, url_prefix="/console"), ConsoleViews(cloud)
    blueprint.get("")(views.show)
    blueprint.post("/racer")(views.create_racer)
    blueprint.post("/train")(views.train)
    blueprint.get("/race")(views.open_invitation)
    blueprint.post("/enter")(views.enter)
    blueprint.post("/submit")(views.submit)
    return blueprint


def _deep_link(path: str) -> str:
    target = {key: request.args.get(key, "") for key in ("account_id", "role_name", "destination")}
    return f"{path}#/console?{urlencode({key: value for key, value in target.items() if value})}"


def _destination(role: Role) -> str:
    """Of the link, else the permission set's relay state, else the console's home; only web addresses.

    This very page stands for DeepRacer's.
    """
    wanted = request.args.get("destination") or role.relay_state or CONSOLE_HOME
    if wanted == f"{request.host_url}console":
        return DEEPRACER
    return wanted if urlsplit(wanted).scheme == "https" else CONSOLE_HOME


def _service(destination: str) -> str:
    """What the address leads to, in words: DeepRacer of ``https://…/deepracer/home``."""
    first = urlsplit(destination).path.strip("/").partition("/")[0]
    return _SERVICES.get(first.lower(), first.capitalize() or _SERVICES["console"])
