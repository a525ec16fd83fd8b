"""Pages for people: what the sandbox is, and the mailbox."""

from flask import Blueprint, Response, abort, jsonify, render_template, request

from integrations.sandbox.cloud import Cloud

MAILS_A_PAGE = 200


class Pages:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def home(self) -> str:
        return render_template("home.html", cloud=self._cloud, knobs=self._cloud.knobs.as_dict())

    def mailbox(self) -> str:
        wanted = request.args.get("to", "")
        mails = self._cloud.mailbox.newest_first(to=wanted)
        return render_template("mailbox.html", mails=mails[:MAILS_A_PAGE], total=len(mails), to=wanted)

    def mail(self, mail_id: str) -> str:
        mail = self._cloud.mailbox.find(mail_id)
        if mail is None:
            abort(404)
        # Links of a mail open in a tab of their own, because the frame that shows it is sandboxed.
        document = f'<base target="_blank">{mail.html}'
        return render_template("mail.html", mail=mail, document=document, to=request.args.get("to", ""))

    def mailbox_json(self) -> Response:
        mails = self._cloud.mailbox.newest_first(to=request.args.get("to", ""))
        return jsonify([mail.as_dict() for mail in mails])


def pages_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, pages = Blueprint("pages", __name__), Pages(cloud)
    blueprint.get("/")(pages.home)
    blueprint.get("/mailbox")(pages.mailbox)
    blueprint.get("/mailbox/<mail_id>")(pages.mail)
    blueprint.get("/mailbox.json")(pages.mailbox_json)
    return blueprint
