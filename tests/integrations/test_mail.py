"""Mail through Pinpoint, SES and SMTP, over the wire."""

import email
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from integrations.mail.pinpoint.backend import PinpointMessage, build_request
from integrations.mail.pinpoint.provider import PinpointConfig, PinpointMail
from integrations.mail.pinpoint.results import read_result
from integrations.mail.protocol import Mail, MailProvider, Template
from integrations.mail.rendering import render, render_message, to_one_line
from integrations.mail.ses import SesConfig, SesMail
from integrations.mail.smtp import SmtpConfig, SmtpMail
from tests.integrations import world
from tests.support.sandbox import Sandbox, free_port

TEMPLATE = Template(
    subject="Welcome, {{name}}",
    text="Hello {{ name }}, go to {{link}}{{missing}}.",
    html='<p>Hello {{name}}, <a href="{{link}}">start</a></p>',
)
PINPOINT = PinpointConfig(world.ACCESS, world.APPLICATION_ID, world.SENDER)
SES = SesConfig(world.ACCESS, world.SENDER, max_per_second=100)


def smtp_config(sandbox: Sandbox) -> SmtpConfig:
    return SmtpConfig("127.0.0.1", sandbox.smtp_port, "", "", use_tls=False, sender=world.SENDER)


def mail(key: str, to: str = "ann@contoso.example", name: str = "Ann") -> Mail:
    return Mail(key, to, {"name": name, "link": "https://portal.example/?a=1&b=2"})


@pytest.fixture(params=["pinpoint", "ses", "smtp"])
def provider(request: pytest.FixtureRequest, sandbox: Sandbox) -> MailProvider:
    providers: dict[str, MailProvider] = {
        "pinpoint": PinpointMail(PINPOINT),
        "ses": SesMail(SES),
        "smtp": SmtpMail(smtp_config(sandbox)),
    }
    return providers[request.param]


class TestEveryProvider:
    def test_fills_the_template_for_everyone(self, provider: MailProvider, sandbox: Sandbox) -> None:
        mails = [mail("1", "ann@contoso.example", "Ann & <Co>"), mail("2", "bo@contoso.example", "Bo")]
        outcomes = provider.send(TEMPLATE, mails)
        assert all(isinstance(outcome, str) and outcome for outcome in outcomes.values())
        assert len(set(outcomes.values())) == 2
        (received,) = sandbox.mailbox(to="ann@contoso.example")
        assert received["subject"] == "Welcome, Ann & <Co>"
        assert received["text"].strip() == "Hello Ann & <Co>, go to https://portal.example/?a=1&b=2."
        assert "Hello Ann &amp; &lt;Co&gt;" in received["html"]
        assert 'href="https://portal.example/?a=1&amp;b=2"' in received["html"]
        assert "races@contoso.example" in received["sender"]

    def test_two_mails_to_one_address_both_go_out(self, provider: MailProvider, sandbox: Sandbox) -> None:
        outcomes = provider.send(TEMPLATE, [mail("1"), mail("2"), mail("3", "ANN@contoso.example")])
        assert outcomes.keys() == {"1", "2", "3"}
        assert len(sandbox.mailbox(to="ann@contoso.example")) == 3

    @pytest.mark.parametrize(
        "name", ["Ann\r\nBcc: eve@contoso.example", "Ann\nX-Evil: yes", "Ann\u2028Bcc: x", "\x00Ann"]
    )
    def test_a_name_cannot_begin_a_header(self, provider: MailProvider, sandbox: Sandbox, name: str) -> None:
        template = replace(TEMPLATE, subject="Welcome,\r\nX-Evil: yes {{name}}")
        provider.send(template, [mail("1", name=name)])
        (received,) = sandbox.mailbox()
        assert received["to"] == "ann@contoso.example"
        assert not {"\n", "\r", "\u2028", "\x00"} & set(received["subject"])
        assert not {"x-evil", "bcc"} & {header.lower() for header in received["headers"]}

    @pytest.mark.parametrize(
        "to", ["", "ann", "ann@contoso.example\r\nBcc: eve@contoso.example", "a b@contoso.example"]
    )
    def test_what_is_no_address_costs_nobody_else_the_mail(
        self, provider: MailProvider, sandbox: Sandbox, to: str
    ) -> None:
        outcomes = provider.send(TEMPLATE, [mail("bad", to), mail("good")])
        assert isinstance(outcomes["good"], str)
        refusal = outcomes["bad"]
        assert isinstance(refusal, IntegrationError)
        assert refusal.permanent
        assert len(sandbox.mailbox()) == 1

    def test_nothing_to_send_is_nothing(self, provider: MailProvider, sandbox: Sandbox) -> None:
        assert provider.send(TEMPLATE, []) == {}

    def test_text_alone_will_do(self, provider: MailProvider, sandbox: Sandbox) -> None:
        provider.send(replace(TEMPLATE, html=""), [mail("1")])
        assert sandbox.mailbox()[0]["html"] == ""


class TestPinpoint:
    def test_reaches_a_hundred_addresses_a_call(self, sandbox: Sandbox) -> None:
        mails = [mail(str(number), f"racer{number}@contoso.example") for number in range(201)]
        outcomes = PinpointMail(PINPOINT).send(TEMPLATE, mails)
        assert all(isinstance(outcome, str) for outcome in outcomes.values())
        assert sandbox.calls()["pinpoint"] == {"SendMessages": 3}

    def test_a_suppressed_address_is_its_own_outcome(self, sandbox: Sandbox) -> None:
        outcomes = PinpointMail(PINPOINT).send(TEMPLATE, [mail("1", "bounced@contoso.example"), mail("2")])
        refusal = outcomes["1"]
        assert isinstance(refusal, IntegrationError)
        assert refusal.permanent
        assert isinstance(outcomes["2"], str)

    @pytest.mark.parametrize(
        ("config", "permanent"),
        [
            (replace(PINPOINT, application_id="f00d0000000000000000000000000404"), True),
            (replace(PINPOINT, sender="stranger@elsewhere.example"), True),
            (replace(PINPOINT, sender="Nobody"), True),
            (replace(PINPOINT, access=AwsAccess(world.REGION, world.ROLE_ARN, "wrong")), True),
        ],
    )
    def test_a_wrong_setting_is_everyones_outcome(
        self, sandbox: Sandbox, config: PinpointConfig, permanent: bool
    ) -> None:
        outcomes = PinpointMail(config).send(TEMPLATE, [mail("1"), mail("2", "bo@contoso.example")])
        assert [getattr(outcome, "permanent", None) for outcome in outcomes.values()] == [permanent] * 2

    @pytest.mark.parametrize(
        ("status", "permanent"),
        [
            ("THROTTLED", False),
            ("TEMPORARY_FAILURE", False),
            ("UNKNOWN_FAILURE", False),
            ("SOMETHING_NEW", False),
            ("PERMANENT_FAILURE", True),
            ("OPT_OUT", True),
            ("DUPLICATE", True),
        ],
    )
    def test_every_delivery_status_is_an_outcome(self, status: Any, permanent: bool) -> None:
        outcome = read_result({"DeliveryStatus": status, "StatusCode": 400, "StatusMessage": "Words."})
        assert isinstance(outcome, IntegrationError)
        assert (outcome.permanent, outcome.code) == (permanent, status)
        assert (outcome.retry_after is None) == permanent
        assert outcome.message.endswith("Words.")

    def test_success_and_silence(self) -> None:
        assert read_result({"DeliveryStatus": "SUCCESSFUL", "StatusCode": 200, "MessageId": "id"}) == "id"
        assert isinstance(read_result(None), IntegrationError)

    def test_is_an_email_backend_like_any_other(self, sandbox: Sandbox) -> None:
        connection = backend()
        message = EmailMultiAlternatives(
            "Plain", "Text", world.SENDER, ["Ann <ann@contoso.example>"], cc=["bo@x.example"]
        )
        assert connection.send_messages([message]) == 1
        assert {received["to"] for received in sandbox.mailbox()} == {"ann@contoso.example", "bo@x.example"}

    def test_raises_only_when_nobody_was_accepted(self, sandbox: Sandbox) -> None:
        message = PinpointMessage("Plain", "Text", world.SENDER, ["bounced@contoso.example"])
        with pytest.raises(IntegrationError):
            backend().send_messages([message])
        assert isinstance(message.pinpoint_status.recipients["bounced@contoso.example"], IntegrationError)
        assert backend(fail_silently=True).send_messages([message]) == 0
        message.to.append("ann@contoso.example")
        assert backend().send_messages([message]) == 1

    def test_refuses_what_it_cannot_carry(self, sandbox: Sandbox) -> None:
        message = EmailMultiAlternatives("Plain", "Text", world.SENDER, ["ann@contoso.example"])
        message.attach("race.ics", "BEGIN:VCALENDAR", "text/calendar")
        with pytest.raises(IntegrationError, match="carries no attachments"):
            backend().send_messages([message])

    def test_tells_the_event_stream_which_mail_it_is(self) -> None:
        message = PinpointMessage("Plain", "Text", world.SENDER, ["ann@contoso.example"])
        message.merge_metadata = {"ann@contoso.example": {"paddock-message": "42"}}
        request = build_request(message, ["ann@contoso.example"])
        assert request["Addresses"]["ann@contoso.example"]["Context"] == {"paddock-message": "42"}

    def test_an_outage_is_temporary_for_everyone(self, sandbox: Sandbox) -> None:
        sandbox.knobs(failure_rate=1)
        outcomes = PinpointMail(PINPOINT).send(TEMPLATE, [mail("1"), mail("2", "bo@contoso.example")])
        assert [getattr(outcome, "permanent", None) for outcome in outcomes.values()] == [False, False]


def backend(*, fail_silently: bool = False) -> Any:
    return get_connection(
        "integrations.mail.pinpoint.backend.EmailBackend",
        fail_silently=fail_silently,
        access=world.ACCESS,
        application_id=world.APPLICATION_ID,
    )


class TestSes:
    def test_one_call_a_mail_that_carries_its_key(self, sandbox: Sandbox) -> None:
        mails = [mail(f"key-{number}", f"racer{number}@contoso.example") for number in range(5)]
        SesMail(SES).send(TEMPLATE, mails)
        assert sandbox.calls()["sesv2"] == {"SendEmail": 5}
        assert sandbox.calls()["sts"] == {"AssumeRole": 1}
        headers = [received["headers"]["X-Paddock-Message"] for received in sandbox.mailbox()]
        assert sorted(headers) == sorted(mail.key for mail in mails)

    def test_an_unverified_sender_is_rejected(self, sandbox: Sandbox) -> None:
        outcome = SesMail(replace(SES, sender="stranger@elsewhere.example")).send(TEMPLATE, [mail("1")])["1"]
        assert isinstance(outcome, IntegrationError)
        assert (outcome.permanent, outcome.code) == (True, "MessageRejected")
        assert "not verified" in outcome.message

    @pytest.mark.parametrize("sender", ["Nobody", "", "a@b, c@d", "Race Control <races@contoso.example> x"])
    def test_an_impossible_sender_is_refused(self, sandbox: Sandbox, sender: str) -> None:
        for provider in (SesMail(replace(SES, sender=sender)), SmtpMail(replace(smtp_config(sandbox), sender=sender))):
            outcome = provider.send(TEMPLATE, [mail("1")])["1"]
            assert isinstance(outcome, IntegrationError)
            assert outcome.permanent

    def test_a_sender_may_have_any_name(self, sandbox: Sandbox) -> None:
        sender = "Rennleitung Zürich <races@contoso.example>"
        for provider in (
            PinpointMail(replace(PINPOINT, sender=sender)),
            SesMail(replace(SES, sender=sender)),
            SmtpMail(replace(smtp_config(sandbox), sender=sender)),
        ):
            assert isinstance(provider.send(TEMPLATE, [mail("1")])["1"], str)

    def test_a_denied_role_ends_the_batch_after_one_call(self, sandbox: Sandbox) -> None:
        config = replace(SES, access=AwsAccess(world.REGION, world.ROLE_ARN, "wrong"))
        outcomes = SesMail(config).send(TEMPLATE, [mail(str(number)) for number in range(9)])
        assert {getattr(outcome, "permanent", None) for outcome in outcomes.values()} == {True}
        assert len(outcomes) == 9
        assert sandbox.calls()["sts"] == {"AssumeRole": 1}

    def test_an_outage_ends_the_batch_after_one_call(self, sandbox: Sandbox) -> None:
        SesMail(SES).send(TEMPLATE, [mail("0")])
        sandbox.knobs(failure_rate=1)
        outcomes = SesMail(SES).send(TEMPLATE, [mail(str(number)) for number in range(9)])
        assert {getattr(outcome, "permanent", None) for outcome in outcomes.values()} == {False}
        assert sandbox.calls()["sesv2"] == {"SendEmail": 2}

    def test_keeps_to_the_accounts_sending_rate(self, sandbox: Sandbox) -> None:
        """Two a second: the fifth mail waits for two seconds to pass."""
        began = time.monotonic()
        outcomes = SesMail(replace(SES, max_per_second=2)).send(TEMPLATE, [mail(str(number)) for number in range(5)])
        assert all(isinstance(outcome, str) for outcome in outcomes.values())
        assert time.monotonic() - began >= 2


class ScriptedServer(socketserver.ThreadingTCPServer):
    """An SMTP server that answers commands as it is told; the sandbox only knows the friendly answers."""

    allow_reuse_address = True
    daemon_threads = True
    script: dict[str, list[str]]
    connections = 0


class Conversation(socketserver.StreamRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            command = line.split(":")[0].split()[0].upper() if line.split() else ""
            answers = self.server.script.get(command, [])
            answer = answers.pop(0) if answers else {"DATA": "354 go on", "QUIT": "221 bye"}.get(command, "250 OK")
            if answer == "hang up":
                return
            self.say(answer)
            if answer.startswith(("221", "421")):
                return
            if answer.startswith("354"):
                while self.rfile.readline().strip() != b".":
                    pass
                ends = self.server.script.get("END", [])
                end = ends.pop(0) if ends else "250 queued"
                if end == "hang up":
                    return
                self.say(end)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(("127.0.0.1", 0), Conversation) as scripted:
        scripted.script = {}
        thread = threading.Thread(target=scripted.serve_forever)
        thread.start()
        yield scripted
        scripted.shutdown()
        thread.join()


def send_to(server: ScriptedServer, count: int = 3, **changes: Any) -> list[str]:
    """ "sent", or whether each mail's refusal is permanent or temporary."""
    config = SmtpConfig("127.0.0.1", server.server_address[1], "", "", use_tls=False, sender=world.SENDER)
    mails = [mail(str(number), f"racer{number}@contoso.example") for number in range(count)]
    outcomes = SmtpMail(replace(config, **changes)).send(TEMPLATE, mails)
    assert list(outcomes) == [mail.key for mail in mails]
    return [
        ("permanent" if outcome.permanent else "temporary") if isinstance(outcome, IntegrationError) else "sent"
        for outcome in outcomes.values()
    ]


class TestSmtp:
    def test_one_connection_for_a_batch(self, server: ScriptedServer) -> None:
        assert send_to(server, 20) == ["sent"] * 20
        assert server.connections == 1

    @pytest.mark.parametrize(
        ("script", "outcomes"),
        [
            ({"RCPT": ["250 OK", "550 5.1.1 unknown"]}, ["sent", "permanent", "sent"]),
            ({"RCPT": ["250 OK", "450 4.2.1 busy"]}, ["sent", "temporary", "sent"]),
            ({"RCPT": ["250 OK", "421 closing"]}, ["sent", "temporary", "temporary"]),
            ({"RCPT": ["hang up"]}, ["temporary"] * 3),
            ({"MAIL": ["250 OK", "451 later"]}, ["sent", "temporary", "sent"]),
            ({"MAIL": ["553 not your address"]}, ["permanent"] * 3),
            ({"DATA": ["554 no"]}, ["permanent", "sent", "sent"]),
            ({"END": ["250 OK", "552 too large"]}, ["sent", "permanent", "sent"]),
            ({"END": ["250 OK", "452 full"]}, ["sent", "temporary", "sent"]),
            ({"END": ["250 OK", "hang up"]}, ["sent", "temporary", "temporary"]),
            ({"QUIT": ["hang up"]}, ["sent"] * 3),
            ({"QUIT": ["500 what?"]}, ["sent"] * 3),
        ],
    )
    def test_every_refusal_is_an_outcome(
        self, server: ScriptedServer, script: dict[str, list[str]], outcomes: list[str]
    ) -> None:
        server.script = script
        assert send_to(server) == outcomes

    @pytest.mark.parametrize(
        ("script", "changes", "outcome"),
        [
            (
                {"EHLO": ["250-here\r\n250 AUTH PLAIN"], "AUTH": ["535 wrong"]},
                {"username": "u", "password": "p"},
                "permanent",
            ),
            (
                {"EHLO": ["250-here\r\n250 AUTH PLAIN"], "AUTH": ["454 later"]},
                {"username": "u", "password": "p"},
                "temporary",
            ),
            ({}, {"username": "u", "password": "p"}, "permanent"),
            ({}, {"use_tls": True}, "permanent"),
            ({"EHLO": ["hang up"]}, {}, "temporary"),
        ],
    )
    def test_a_refused_connection_is_everyones_outcome(
        self, server: ScriptedServer, script: dict[str, list[str]], changes: dict[str, Any], outcome: str
    ) -> None:
        server.script = script
        assert send_to(server, **changes) == [outcome] * 3

    def test_no_server_is_temporary(self) -> None:
        outcome = SmtpMail(SmtpConfig("127.0.0.1", free_port(), "", "", use_tls=False, sender=world.SENDER)).send(
            TEMPLATE, [mail("1")]
        )["1"]
        assert isinstance(outcome, IntegrationError)
        assert (outcome.permanent, outcome.code) == (False, "Unreachable")

    def test_answers_with_the_message_id_that_the_mail_carries(self, sandbox: Sandbox) -> None:
        message_id = SmtpMail(smtp_config(sandbox)).send(TEMPLATE, [mail("key-1")])["key-1"]
        headers = sandbox.mailbox()[0]["headers"]
        assert headers["Message-ID"] == message_id
        assert headers["X-Paddock-Message"] == "key-1"

    def test_a_suppressed_address_is_refused_alone(self, sandbox: Sandbox) -> None:
        mails = [mail("1", "bounced@contoso.example"), mail("2")]
        outcomes = SmtpMail(smtp_config(sandbox)).send(TEMPLATE, mails)
        assert getattr(outcomes["1"], "permanent", None) is True
        assert isinstance(outcomes["2"], str)


class TestRendering:
    def test_a_value_that_looks_like_a_mark_stays_what_it_is(self) -> None:
        assert render("{{a}} {{ b }} {{c}}", {"a": "{{b}}", "b": "B"}) == "{{b}} B "

    @example("", "", "", "a(\n\x00é")
    @example("", "", "", "a(\r\né")
    @given(st.text(), st.text(), st.text(), st.text(alphabet="ab'\"é,;()<>@\r\n\x00 "))
    def test_no_text_can_begin_a_header(self, subject: str, name: str, key: str, sender_name: str) -> None:
        template, mail = Template(subject + "{{name}}", "Text", ""), Mail(key, "ann@contoso.example", {"name": name})
        try:
            message = render_message(template, mail, sender=f"{sender_name} <races@contoso.example>")
        except IntegrationError:
            # Such a sender is refused as a whole.
            return
        assert len(message.subject.splitlines()) <= 1
        headers = {header.lower() for header, _ in email.message_from_bytes(message.message().as_bytes()).items()}
        assert headers == {
            "content-type", "mime-version", "content-transfer-encoding", "subject", "from", "to", "date", "message-id",
            "x-paddock-message",
        }  # fmt: skip

    @given(st.text())
    def test_one_line_is_one_line(self, text: str) -> None:
        line = to_one_line(text)
        assert len(line.splitlines()) <= 1
        assert to_one_line(line) == line
