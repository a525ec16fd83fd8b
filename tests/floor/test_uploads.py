"""The one file that anybody uploads: metadata of an identity provider. XML that bites is refused in words."""

import gzip
import os
import time
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integrations.sandbox.sign_on.keys import SigningKey, make_signing_key
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, sign_in

pytestmark = pytest.mark.django_db

KEY: SigningKey = make_signing_key()
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def write(
    body: str = "https://idp.example", *, head: str = "", sso: str = "https://idp.example/sso", slo: str = ""
) -> bytes:
    out = f'<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{slo}"/>'
    return f"""<?xml version="1.0"?>{head}
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{body}">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
<X509Certificate>{KEY.certificate_body}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
{out if slo else ""}
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>
</IDPSSODescriptor></EntityDescriptor>""".encode()


BITING: dict[str, Callable[[], bytes]] = {
    "entities that multiply": lambda: write("&l9;", head=f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'),
    "an entity that is long": lambda: write("&a;" * 1000, head=f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>'),
    "a file of the server": lambda: write("&a;", head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
    "an address inside": lambda: write("&a;", head='<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:1/">]>'),
    "a parameter entity": lambda: write(head='<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>'),
    "a DTD elsewhere": lambda: write(head='<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'),
    "any DTD": lambda: write(head="<!DOCTYPE x>"),
    "more than 1 MB": lambda: write() + b" " * 1_000_001,
    "something packed": lambda: gzip.compress(write()),
    "no XML": lambda: os.urandom(2000),
    "nothing": lambda: b" ",
    "zeros": lambda: b"\0" * 1000,
    "very deep": lambda: b"<a>" * 100_000,
    "a sign-in that is a script": lambda: write(sso="javascript:alert(1)"),
    "a sign-out that is a script": lambda: write(slo="javascript:alert(1)"),
    "a sign-out that is data": lambda: write(slo="data:text/html,x"),
}


def upload(tenant: Tenant, content: bytes) -> str:
    owner, address = sign_in("owner", tenant.organization), reverse("admin:sso_identityprovider_add")
    typed = {"name": "Uploaded", "kind": "saml", "domains": "contoso.example"}
    file = SimpleUploadedFile("metadata.xml", content, content_type="application/xml")
    answer = owner.post(address, read_form(owner, address) | typed | {"metadata_file": file})
    assert answer.status_code in (200, 302)
    return "" if answer.status_code == 302 else answer.content.decode()


def find_uploaded(tenant: Tenant) -> IdentityProvider | None:
    with organization_scope(tenant.organization.pk):
        return IdentityProvider.objects.filter(name="Uploaded").first()


@pytest.mark.parametrize("what", BITING)
def test_what_bites_is_refused_in_words(what: str, contoso: Tenant) -> None:
    content, begun = BITING[what](), time.process_time()
    page = upload(contoso, content)
    assert time.process_time() - begun < 20
    assert "error" in page
    assert "root:" not in page
    assert "javascript:alert" not in page.replace("“javascript:alert(1)”", "")
    assert find_uploaded(contoso) is None


def test_good_metadata_is_taken(contoso: Tenant) -> None:
    """Otherwise the table above could not fail."""
    assert upload(contoso, write(slo="https://idp.example/out")) == ""
    found = find_uploaded(contoso)
    assert found
    assert (found.entity_id, found.slo_url) == ("https://idp.example", "https://idp.example/out")
