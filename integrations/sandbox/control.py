"""/sandbox/: the controls that tests and benchmarks use."""

from flask import Blueprint, Response, jsonify, request
from moto.moto_api._internal.models import moto_api_backend

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.inventory import inventory
from integrations.sandbox.knobs import InvalidKnobError
from integrations.sandbox.racing.progress import bring_forward
from integrations.sandbox.seed import InvalidSeedError, apply_seed
from integrations.sandbox.sync import restart_clocks, run_cycle

Answer = Response | tuple[Response, int]


class Controls:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def knobs(self) -> Answer:
        return jsonify(self._cloud.knobs.as_dict())

    def turn_knobs(self) -> Answer:
        changes = _json_object()
        bring_forward(self._cloud)  # what has passed, at the speed until now
        try:
            self._cloud.knobs.turn(changes)
        except InvalidKnobError as error:
            return _bad_request(str(error))
        if "sync_interval_seconds" in changes:
            restart_clocks(self._cloud)
        return jsonify(self._cloud.knobs.as_dict())

    def seed(self) -> Answer:
        try:
            apply_seed(self._cloud, _json_object())
        except InvalidSeedError as error:
            return _bad_request(str(error))
        return jsonify({"seeded": True})

    def reset(self) -> Answer:
        """Back to the state of a fresh start, in our stores and in moto's."""
        moto_api_backend.reset()
        self._cloud.empty()
        return jsonify({"reset": True})

    def sync(self) -> Answer:
        for tenant in self._cloud.tenants.values():
            run_cycle(self._cloud, tenant)
        return jsonify({"synced": sorted(self._cloud.tenants)})

    def calls(self) -> Answer:
        return jsonify(self._cloud.calls.as_dict())

    def state(self) -> Answer:
        return jsonify(inventory(self._cloud))


def control_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, controls = Blueprint("control", __name__, url_prefix="/sandbox"), Controls(cloud)
    blueprint.get("/knobs")(controls.knobs)
    blueprint.patch("/knobs")(controls.turn_knobs)
    blueprint.post("/seed")(controls.seed)
    blueprint.post("/reset")(controls.reset)
    blueprint.post("/sync")(controls.sync)
    blueprint.get("/calls.json")(controls.calls)
    blueprint.get("/state.json")(controls.state)
    return blueprint


def _json_object() -> dict[str, object]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _bad_request(message: str) -> Answer:
    return jsonify({"error": message}), 400
