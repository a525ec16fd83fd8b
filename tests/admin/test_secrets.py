"""Secrets go into the admin and never come out. That no page shows one stands in `test_permissions`."""

import pytest

from events.models import DirectoryConnection, MailConnection, SponsoringAccount
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from tests.admin.forms import read_form
from tests.admin.stage import ADMIN_PASSWORD, CLIENT_SECRET, CREDENTIAL, SMTP_PASSWORD, Tenant, page, sign_in

TYPED = "typed-just-now"
CONNECTIONS = {
    "credential": (DirectoryConnection, CREDENTIAL),
    "smtp_password": (MailConnection, SMTP_PASSWORD),
    "admin_password": (SponsoringAccount, ADMIN_PASSWORD),
    "client_secret": (IdentityProvider, CLIENT_SECRET),
}


@pytest.mark.parametrize("field", CONNECTIONS)
def test_an_error_does_not_repeat_what_was_typed(field: str, contoso: Tenant) -> None:
    model, _ = CONNECTIONS[field]
    answer = sign_in("owner", contoso.organization).post(page(contoso.rows[model]), {field: TYPED})
    assert answer.status_code == 200
    assert TYPED not in answer.content.decode()


@pytest.mark.parametrize("field", CONNECTIONS)
@pytest.mark.parametrize("typed", ["", TYPED])
def test_an_empty_field_keeps_the_stored_secret(field: str, typed: str, contoso: Tenant) -> None:
    model, stored = CONNECTIONS[field]
    row, owner = contoso.rows[model], sign_in("owner", contoso.organization)
    form = read_form(owner, page(row))
    assert field not in form or form[field] == ""
    answer = owner.post(page(row), form | {field: typed})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    with organization_scope(contoso.organization.pk):
        assert getattr(model._default_manager.get(pk=row.pk), field) == (typed or stored)
    history = owner.get(page(row, "history")).content.decode()
    assert TYPED not in history
    assert stored not in history


def test_a_stored_password_is_not_sent_to_another_server(contoso: Tenant) -> None:
    owner, address = sign_in("owner", contoso.organization), page(contoso.rows[MailConnection])
    form = read_form(owner, address) | {"kind": "smtp", "smtp_host": "elsewhere.example"}
    answer = owner.post(address, form)
    assert answer.context["adminform"].form.errors["smtp_password"] == ["Enter the password again for the new server."]
    assert owner.post(address, form | {"smtp_password": TYPED}).status_code == 302


@pytest.mark.parametrize("name", ["identitycenterconnection", "sponsoringaccount", "mailconnection"])
def test_the_external_id_is_explained_once_saved(name: str, contoso: Tenant) -> None:
    row = next(row for row in contoso.rows.values() if row._meta.model_name == name)
    content = sign_in("owner", contoso.organization).get(page(row)).content.decode()
    assert f"&quot;sts:ExternalId&quot;: &quot;{row.external_id}&quot;" in content  # type: ignore[attr-defined]
