"""A SAML identity provider for each organization that was seeded: metadata, a page of people, and a way out."""

import base64
import zlib
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML
from werkzeug.wrappers import Response as BaseResponse

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.sign_on.assertions import Answer, sign_answer
from integrations.sandbox.sign_on.providers import SamlProvider

COOKIE = "sandbox-saml"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


class SamlViews:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def metadata(self, slug: str) -> Response:
        provider, own = self._find(slug), _address(slug)
        text = (
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
            f' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{own}metadata">'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
            f"{provider.key.certificate_body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            f'<md:SingleLogoutService Binding="{BINDING}" Location="{own}slo"/>'
            f'<md:SingleSignOnService Binding="{BINDING}" Location="{own}sso"/>'
            "</md:IDPSSODescriptor></md:EntityDescriptor>"
        )
        return Response(text, mimetype="application/samlmetadata+xml")

    def choose(self, slug: str) -> str:
        """Whoever signed in here before goes on with one click."""
        provider = self._find(slug)
        known = provider.people.get(request.cookies.get(COOKIE, ""))
        return render_template("saml_sign_in.html", provider=provider, known=known, query=request.query_string.decode())

    def answer(self, slug: str) -> BaseResponse:
        provider, asked = self._find(slug), _read_message("SAMLRequest")
        person = provider.people.get(request.form.get("subject", ""))
        if person is None:
            abort(400)
        consumer = asked.get("AssertionConsumerServiceURL")
        audience = asked.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        signed = sign_answer(
            Answer(f"{_address(slug)}metadata", audience, consumer, asked.get("ID"), person.subject, person.attributes),
            provider.key,
        )
        state = request.args.get("RelayState", "")
        page = render_template("saml_answer.html", consumer=consumer, answer=signed, state=state)
        response = BaseResponse(page, mimetype="text/html")
        response.set_cookie(COOKIE, person.subject, httponly=True, samesite="Lax")
        return response

    def sign_out(self, slug: str) -> BaseResponse:
        self._find(slug)
        issuer = _read_message("SAMLRequest").findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer") or ""
        # Our side names itself by the address of its metadata, beside which it takes the answer.
        response = redirect(f"{issuer.removesuffix('metadata/')}sls/?SAMLResponse=done")
        response.delete_cookie(COOKIE)
        return response

    def _find(self, slug: str) -> SamlProvider:
        provider = self._cloud.saml.get(slug)
        if provider is None:
            abort(404)
        return provider


def saml_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, views = Blueprint("saml", __name__, url_prefix="/saml/<slug>"), SamlViews(cloud)
    blueprint.get("/metadata")(views.metadata)
    blueprint.get("/sso")(views.choose)
    blueprint.post("/sso")(views.answer)
    blueprint.get("/slo")(views.sign_out)
    return blueprint


def _address(slug: str) -> str:
    return f"{request.host_url}saml/{slug}/"


def _read_message(name: str) -> Any:
    """What travelled by HTTP-Redirect; whoever made it is not asked, as many providers do not."""
    try:
        return OneLogin_Saml2_XML.to_etree(zlib.decompress(base64.b64decode(request.args[name]), -15))
    except (KeyError, ValueError, SyntaxError, zlib.error):
        abort(400)
