"""SAML responses, made and signed as an identity provider does; every part can be made wrong on purpose."""

import base64
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape

from onelogin.saml2.utils import OneLogin_Saml2_Utils

from integrations.sandbox.sign_on.keys import SigningKey

SAML = "urn:oasis:names:tc:SAML:2.0"
LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True)
class Answer:
    """What one response says, to whom and about whom. `asked` is the id of the request that it answers."""

    issuer: str
    audience: str
    recipient: str
    asked: str
    name_id: str
    attributes: dict[str, list[str]] = field(default_factory=dict)
    assertion_id: str = field(default_factory=lambda: f"_{uuid.uuid4().hex}")
    valid_until: datetime = field(default_factory=lambda: datetime.now(UTC) + LIFETIME)


def sign_answer(answer: Answer, key: SigningKey) -> str:
    """The response with its assertion signed, as the form field SAMLResponse holds it."""
    assertion = OneLogin_Saml2_Utils.add_sign(_write_assertion(answer), key.private_pem, key.certificate_pem)
    text = assertion.decode() if isinstance(assertion, bytes) else assertion
    return base64.b64encode(_write_response(answer, text).encode()).decode()


def _write_response(answer: Answer, assertion: str) -> str:
    asked = f' InResponseTo="{escape(answer.asked)}"' if answer.asked else ""
    return (
        f'<samlp:Response xmlns:samlp="{SAML}:protocol" xmlns:saml="{SAML}:assertion" ID="_{uuid.uuid4().hex}"'
        f' Version="2.0" IssueInstant="{_stamp(datetime.now(UTC))}" Destination="{escape(answer.recipient)}"{asked}>'
        f"<saml:Issuer>{escape(answer.issuer)}</saml:Issuer>"
        f'<samlp:Status><samlp:StatusCode Value="{SAML}:status:Success"/></samlp:Status>{assertion}</samlp:Response>'
    )


def _write_assertion(answer: Answer) -> str:
    now = datetime.now(UTC)
    start, end = _stamp(min(now, answer.valid_until) - LIFETIME), _stamp(answer.valid_until)
    asked = f' InResponseTo="{escape(answer.asked)}"' if answer.asked else ""
    return (
        f'<saml:Assertion xmlns:saml="{SAML}:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="{answer.assertion_id}" Version="2.0"'
        f' IssueInstant="{_stamp(now)}"><saml:Issuer>{escape(answer.issuer)}</saml:Issuer>'
        f'<saml:Subject><saml:NameID Format="{SAML}:nameid-format:persistent">{escape(answer.name_id)}</saml:NameID>'
        f'<saml:SubjectConfirmation Method="{SAML}:cm:bearer"><saml:SubjectConfirmationData'
        f' NotOnOrAfter="{end}" Recipient="{escape(answer.recipient)}"{asked}/></saml:SubjectConfirmation>'
        "</saml:Subject>"
        f'<saml:Conditions NotBefore="{start}" NotOnOrAfter="{end}"><saml:AudienceRestriction>'
        f"<saml:Audience>{escape(answer.audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        f'<saml:AuthnStatement AuthnInstant="{_stamp(now)}" SessionIndex="{answer.assertion_id}"><saml:AuthnContext>'
        f"<saml:AuthnContextClassRef>{SAML}:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef>"
        f"</saml:AuthnContext></saml:AuthnStatement>{_write_attributes(answer.attributes)}</saml:Assertion>"
    )


def _write_attributes(attributes: dict[str, list[str]]) -> str:
    if not attributes:
        return ""
    return f"<saml:AttributeStatement>{''.join(map(_write_attribute, attributes.items()))}</saml:AttributeStatement>"


def _write_attribute(attribute: tuple[str, list[str]]) -> str:
    name, values = attribute
    written = "".join(
        f'<saml:AttributeValue xsi:type="xs:string">{escape(value)}</saml:AttributeValue>' for value in values
    )
    return f'<saml:Attribute Name="{escape(name)}">{written}</saml:Attribute>'


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
