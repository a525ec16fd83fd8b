"""Pages for people: what the sandbox is, and the mailbox."""

from flask import Blueprint, Response, jsonify, request

from integrations.sandbox.cloud import Cloud


def pages_blueprint(cloud: Cloud) -> Blueprint:
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/mailbox.json")
    def mailbox_json() -> Response:
        mails = cloud.mailbox.newest_first(to=request.args.get("to", ""))
        return jsonify([mail.as_dict() for mail in mails])

    return blueprint
