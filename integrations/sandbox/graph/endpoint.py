"""The HTTP side of Graph: bearer token, JSON in and out."""

from flask import Blueprint, Response, jsonify, request

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph import batch, router
from integrations.sandbox.graph.wire import GraphAnswer, GraphError, GraphRequest, bad_request
from integrations.sandbox.tokens import InvalidTokenError, read_token

METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


def graph_blueprint(cloud: Cloud) -> Blueprint:
    blueprint = Blueprint("graph", __name__, url_prefix="/graph/v1.0")

    @blueprint.route("/<path:path>", methods=METHODS)
    def handle(path: str) -> Response:
        try:
            graph_request = _graph_request(cloud, f"/{path}")
        except GraphError as error:
            return respond(error.answer())
        if graph_request.path == "/$batch" and graph_request.method == "POST":
            return respond(batch.answer_batch(cloud, graph_request))
        return respond(router.answer(cloud, graph_request))

    return blueprint


def respond(answer: GraphAnswer) -> Response:
    response = jsonify(answer.body) if answer.body is not None else Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    return response


def _graph_request(cloud: Cloud, path: str) -> GraphRequest:
    tenant_id, client_id = _caller()
    tenant = cloud.tenants.get(tenant_id)
    if tenant is None:
        raise _unauthorized("Access token validation failure. Invalid tenant.")
    return GraphRequest(
        tenant=tenant,
        client_id=client_id,
        method=request.method,
        path=path,
        query=request.args.to_dict(),
        body=_json_body(),
        base_url=f"{request.host_url.rstrip('/')}/graph/v1.0",
    )


def _caller() -> tuple[str, str]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("Access token is empty.")
    try:
        return read_token(token)
    except InvalidTokenError as error:
        raise _unauthorized(str(error)) from error


def _json_body() -> object:
    if not request.get_data():
        return None
    body: object = request.get_json(silent=True)
    if body is None:
        raise bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set.")
    return body


def _unauthorized(message: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message)
