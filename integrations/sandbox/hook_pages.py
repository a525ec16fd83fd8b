"""Pages for people: what webhooks brought, and how their receivers shall answer."""

import json

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.hooks import MANNERS, Arrival

ARRIVALS_A_PAGE = 100


class HookPages:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def receivers(self) -> str:
        return render_template("hooks.html", receivers=sorted(self._cloud.hooks.receivers.items()), manners=MANNERS)

    def receiver(self, name: str) -> str:
        receiver = self._cloud.hooks.get(name)
        arrivals = [(each, _name_type(each)) for each in reversed(receiver.arrivals[-ARRIVALS_A_PAGE:])]
        return render_template("hook.html", name=name, receiver=receiver, arrivals=arrivals, manners=MANNERS)

    def turn(self, name: str) -> BaseResponse:
        manner = request.form.get("manner", "")
        if manner not in MANNERS:
            abort(400)
        self._cloud.hooks.get(name).manner = manner
        return redirect(f"/hooks/{name}", code=303)

    def arrival(self, name: str, arrival_id: str) -> str:
        arrival = self._cloud.hooks.get(name).find(arrival_id)
        if arrival is None:
            abort(404)
        return render_template("hook_arrival.html", name=name, arrival=arrival, body=_lay_out(arrival.body))

    def as_json(self) -> Response:
        return jsonify({name: each.as_dict() for name, each in self._cloud.hooks.receivers.items()})


def hooks_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, pages = Blueprint("hooks", __name__), HookPages(cloud)
    blueprint.get("/hooks")(pages.receivers)
    blueprint.get("/hooks.json")(pages.as_json)
    blueprint.get("/hooks/<name>")(pages.receiver)
    blueprint.post("/hooks/<name>/manner")(pages.turn)
    blueprint.get("/hooks/<name>/<arrival_id>")(pages.arrival)
    return blueprint


def _name_type(arrival: Arrival) -> str:
    try:
        return str(json.loads(arrival.body)["type"])
    except (ValueError, KeyError, TypeError):
        return "(no type)"


def _lay_out(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
