"""Mail by Pinpoint, SES and SMTP lands in one mailbox."""

import smtplib
from email.message import EmailMessage
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.world import APPLICATION, SENDER, Aws
from tests.support.sandbox import Sandbox

SUPPRESSED = "suppressed@contoso.example"


def pinpoint_message(addresses: list[str], *, sender: str = SENDER) -> dict[str, Any]:
    simple = {
        "Subject": {"Data": "Hello {{name}}"},
        "TextPart": {"Data": "Dear {{name}}, {{event}}"},
        "HtmlPart": {"Data": "<p>Dear {{name}}</p>"},
        "Headers": [{"Name": "X-Paddock-Message", "Value": "{{key}}"}],
    }
    email = {"FromAddress": sender, "SimpleEmail": simple, "Substitutions": {"event": ["Race day"]}}
    values = {"name": ["Ann <b>"], "key": ["k1"]}
    return {
        "Addresses": {address: {"ChannelType": "EMAIL", "Substitutions": values} for address in addresses},
        "MessageConfiguration": {"EmailMessage": email},
    }


def mime(*, to: str = "ann@contoso.example") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Zugang für Åse", f"Paddock <{SENDER}>", to
    message.set_content("Grüße")
    message.add_alternative("<p>Grüße</p>", subtype="html")
    return message


def test_pinpoint_fills_in_without_escaping(sandbox: Sandbox, aws: Aws) -> None:
    request = pinpoint_message(["ann@contoso.example"])
    answer = aws.client("pinpoint").send_messages(ApplicationId=APPLICATION, MessageRequest=request)
    result = answer["MessageResponse"]["Result"]["ann@contoso.example"]
    (mail,) = sandbox.mailbox()
    assert (result["DeliveryStatus"], result["MessageId"]) == ("SUCCESSFUL", mail["id"])
    assert (mail["subject"], mail["text"]) == ("Hello Ann <b>", "Dear Ann <b>, Race day")
    assert (mail["html"], mail["provider"]) == ("<p>Dear Ann <b></p>", "pinpoint")
    assert mail["headers"] == {"X-Paddock-Message": "k1"}


def test_pinpoint_answers_for_every_address(sandbox: Sandbox, aws: Aws) -> None:
    request = pinpoint_message(["ann@contoso.example", SUPPRESSED])
    answer = aws.client("pinpoint").send_messages(ApplicationId=APPLICATION, MessageRequest=request)
    statuses = {address: r["DeliveryStatus"] for address, r in answer["MessageResponse"]["Result"].items()}
    assert statuses == {"ann@contoso.example": "SUCCESSFUL", SUPPRESSED: "PERMANENT_FAILURE"}
    assert [mail["to"] for mail in sandbox.mailbox()] == ["ann@contoso.example"]


def test_pinpoint_refuses_a_sender_that_is_not_verified(sandbox: Sandbox, aws: Aws) -> None:
    request = pinpoint_message(["ann@contoso.example"], sender="other@paddock.example")
    answer = aws.client("pinpoint").send_messages(ApplicationId=APPLICATION, MessageRequest=request)
    result = answer["MessageResponse"]["Result"]["ann@contoso.example"]
    assert result["DeliveryStatus"] == "PERMANENT_FAILURE"
    assert "not verified" in result["StatusMessage"]
    assert sandbox.mailbox() == []


@pytest.mark.parametrize(
    ("application", "count", "code"), [(APPLICATION, 101, "BadRequestException"), ("unknown", 1, "NotFoundException")]
)
def test_pinpoint_refuses(aws: Aws, application: str, count: int, code: str) -> None:
    request = pinpoint_message([f"racer{number}@contoso.example" for number in range(count)])
    with pytest.raises(ClientError, match=code):
        aws.client("pinpoint").send_messages(ApplicationId=application, MessageRequest=request)


def test_ses_reads_raw_mime(sandbox: Sandbox, aws: Aws) -> None:
    aws.client("sesv2").send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": ["Ann <ann@contoso.example>"]},
        Content={"Raw": {"Data": mime().as_bytes()}},
    )
    (mail,) = sandbox.mailbox()
    assert (mail["to"], mail["subject"], mail["provider"]) == ("ann@contoso.example", "Zugang für Åse", "ses")
    assert (mail["text"].strip(), mail["html"].strip()) == ("Grüße", "<p>Grüße</p>")


def test_ses_fills_in_a_template(sandbox: Sandbox, aws: Aws) -> None:
    ses = aws.client("sesv2")
    parts = {"Subject": "Hello {{name}}", "Text": "Dear {{name}}", "Html": "<p>{{name}}</p>"}
    ses.create_email_template(TemplateName="welcome", TemplateContent=parts)
    for template in ({"TemplateName": "welcome"}, {"TemplateContent": parts}):
        ses.send_email(
            FromEmailAddress=SENDER,
            Destination={"ToAddresses": ["ann@contoso.example"]},
            Content={"Template": {**template, "TemplateData": '{"name": "Ann"}'}},
        )
    assert [mail["subject"] for mail in sandbox.mailbox()] == ["Hello Ann", "Hello Ann"]


@pytest.mark.parametrize(("count", "accepted"), [(50, True), (51, False)])
def test_ses_bulk_takes_fifty(sandbox: Sandbox, aws: Aws, count: int, accepted: bool) -> None:
    def entry(number: int) -> dict[str, Any]:
        data = f'{{"name": "{number}"}}'
        return {
            "Destination": {"ToAddresses": [f"racer{number}@contoso.example"]},
            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
        }

    parts = {"Subject": "Hello {{name}}", "Text": "{{name}} at {{event}}"}
    request = {
        "FromEmailAddress": SENDER,
        "DefaultContent": {"Template": {"TemplateContent": parts, "TemplateData": '{"event": "Race day"}'}},
        "BulkEmailEntries": [entry(number) for number in range(count)],
    }
    if not accepted:
        with pytest.raises(ClientError, match="BadRequestException"):
            aws.client("sesv2").send_bulk_email(**request)
        return
    results = aws.client("sesv2").send_bulk_email(**request)["BulkEmailEntryResults"]
    assert {result["Status"] for result in results} == {"SUCCESS"}
    assert sandbox.mailbox(to="racer7@contoso.example")[0]["text"] == "7 at Race day"


def test_ses_knows_its_senders_and_quota(aws: Aws) -> None:
    ses = aws.client("sesv2")
    assert ses.get_account()["SendQuota"]["MaxSendRate"] > 0
    assert ses.get_email_identity(EmailIdentity=SENDER)["VerifiedForSendingStatus"] is True
    with pytest.raises(ClientError, match="MessageRejected"):
        ses.send_email(
            FromEmailAddress="other@paddock.example",
            Destination={"ToAddresses": ["ann@contoso.example"]},
            Content={"Raw": {"Data": mime().as_bytes()}},
        )


def test_ses_accepts_for_a_suppressed_address_and_delivers_nothing(sandbox: Sandbox, aws: Aws) -> None:
    answer = aws.client("sesv2").send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": [SUPPRESSED]},
        Content={"Raw": {"Data": mime().as_bytes()}},
    )
    assert answer["MessageId"]
    assert sandbox.mailbox() == []


def test_smtp_delivers_and_refuses_a_suppressed_address(sandbox: Sandbox) -> None:
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as smtp:
        smtp.send_message(mime())
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(mime(to=SUPPRESSED))
    (mail,) = sandbox.mailbox()
    assert (mail["to"], mail["provider"], mail["subject"]) == ("ann@contoso.example", "smtp", "Zugang für Åse")
    assert sandbox.calls()["smtp"] == {"DATA": 1}
