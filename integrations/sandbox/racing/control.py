"""/sandbox/racing/: what racers do, and time, for tests and the demonstration."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.sign_up import confirm_racers
from integrations.sandbox.racing.accounts import Account, Race
from integrations.sandbox.racing.doings import enter_race, evaluate, submit_results, train
from integrations.sandbox.racing.joining import JoiningRefused, join
from integrations.sandbox.racing.profiles import reset_month
from integrations.sandbox.racing.progress import bring_forward
from integrations.sandbox.racing.report import describe_account
from integrations.sandbox.racing.rules import Kind

Answer = Response | tuple[Response, int]


class InvalidControl(ValueError):
    """A field that is missing or of no use; the text names it."""


class RacingControls:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def join(self) -> Answer:
        moment, racers = bring_forward(self._cloud), _objects("racers", alias=str)
        account = self._account(_body())
        joined = join(account, racers, moment=moment)
        confirm_racers(self._cloud, account, joined)
        return jsonify({"profiles": [{"alias": p.alias, "service_id": p.service_id} for p in joined]})

    def train(self) -> Answer:
        moment, body = bring_forward(self._cloud), _body()
        minutes, name = _positive(body, "minutes", 60), str(body.get("model", ""))
        return jsonify(train(self._account(body), _racers(), minutes=minutes, name=name, moment=moment))

    def evaluate(self) -> Answer:
        moment, body = bring_forward(self._cloud), _body()
        minutes = _positive(body, "minutes", 10)
        return jsonify(evaluate(self._account(body), _racers(), minutes=minutes, moment=moment))

    def submit(self) -> Answer:
        moment, body = bring_forward(self._cloud), _body()
        account, results = self._account(body), _objects("results", alias=str, time_ms=int)
        return jsonify(submit_results(account, _race(account, body), results, moment=moment))

    def enter(self) -> Answer:
        moment, body = bring_forward(self._cloud), _body()
        return jsonify(enter_race(self._account(body), str(body.get("token")), _racers(), moment=moment))

    def advance(self) -> Answer:
        bring_forward(self._cloud)
        self._cloud.racing.clock.advance(seconds=_positive(_body(), "minutes", 0) * 60)
        return jsonify({"now": bring_forward(self._cloud).racing})

    def month(self) -> Answer:
        bring_forward(self._cloud)
        accounts = [account for account in self._cloud.racing.accounts.values() if account.kind is Kind.ON_AWS]
        for account in accounts:
            reset_month(account)
        return jsonify({"reset": [account.account_id for account in accounts]})

    def report(self) -> Answer:
        moment = bring_forward(self._cloud)
        if "account_id" in request.args:
            return jsonify(describe_account(self._account(dict(request.args)), moment))
        accounts = self._cloud.racing.accounts.values()
        return jsonify({"accounts": [describe_account(account, moment) for account in accounts]})

    def _account(self, selection: dict[str, Any]) -> Account:
        """By account_id; `kind`, `region` and `name` tell several apart."""
        wanted = {key: selection[key] for key in ("account_id", "kind", "region", "name") if selection.get(key)}
        accounts = self._cloud.racing.accounts.values()
        found = [a for a in accounts if all(getattr(a, key) == value for key, value in wanted.items())]
        in_use = [account for account in found if account.active or account.profiles]
        if "account_id" not in wanted or len(in_use or found) != 1:
            raise InvalidControl(
                f"There are {len(in_use or found)} racing accounts of {wanted}; exactly one is needed."
            )
        return (in_use or found)[0]


def racing_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, controls = Blueprint("racing", __name__, url_prefix="/sandbox"), RacingControls(cloud)
    for view in ("join", "train", "evaluate", "submit", "enter", "advance", "month"):
        blueprint.post(f"/racing/{view}")(getattr(controls, view))
    blueprint.get("/racing.json")(controls.report)
    for refusal in (InvalidControl, JoiningRefused):
        blueprint.register_error_handler(refusal, _bad_request)
    return blueprint


def _bad_request(error: Exception) -> Answer:
    return jsonify({"error": str(error)}), 400


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _racers() -> list[str]:
    racers = _body().get("racers")
    if not isinstance(racers, list) or not all(isinstance(racer, str) for racer in racers):
        raise InvalidControl("'racers' must be a list of racer names or service ids.")
    return racers


def _objects(name: str, **members: type) -> list[dict[str, Any]]:
    """The list of that name, whose objects have these members."""
    found = _body().get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InvalidControl(f"'{name}' must be a list of objects.")
    for each in found:
        for member, kind in members.items():
            if not isinstance(each.get(member), kind) or not each[member]:
                raise InvalidControl(f"Every one of the '{name}' needs '{member}'.")
    return found


def _race(account: Account, body: dict[str, Any]) -> Race:
    """By its id, which an ARN ends in."""
    race = account.races.get(str(body.get("race", "")).rpartition("/")[2])
    if race is None:
        raise InvalidControl(f"'race' is no race of account {account.account_id}.")
    return race


def _positive(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidControl(f"'{name}' must be a whole number of at least 1.")
    return value
