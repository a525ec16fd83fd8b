"""What a copy of the database tells: every column that holds a secret, read as whoever stole it would."""

import pytest
from django.apps import apps
from django.db import connection

from paddock.fields import EncryptedTextField
from paddock.tenancy.scope import across_tenants
from tests.admin.stage import ADMIN_PASSWORD, CLIENT_SECRET, CREDENTIAL, SMTP_PASSWORD, Tenant
from tests.support.factories import UserFactory

SECRETS = (ADMIN_PASSWORD, CLIENT_SECRET, CREDENTIAL, SMTP_PASSWORD, "correct horse battery staple")


@pytest.mark.django_db
def test_no_secret_can_be_read_in_the_database(contoso: Tenant, fabrikam: Tenant) -> None:
    user = UserFactory()
    user.set_password(SECRETS[-1])
    user.save()
    with across_tenants("a thief looks at everything"), connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f"select row_to_json(t)::text from {model._meta.db_table} t")  # noqa: S608
            text = "\n".join(row for (row,) in cursor.fetchall())
            assert [secret for secret in SECRETS if secret in text] == [], model
        assert find_secrets() == set(SECRETS[:-1])


def find_secrets() -> set[str]:
    """What the application itself reads in those columns: the search above had something to find."""
    columns = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if type(field) is EncryptedTextField
    ]
    return {value for model, name in columns for value in model._base_manager.values_list(name, flat=True)} & {*SECRETS}


def test_columns_that_hold_secrets_are_encrypted() -> None:
    """Otherwise the search above could pass because nothing was there."""
    columns = {
        field.name for model in apps.get_models() for field in model._meta.fields if type(field) is EncryptedTextField
    }
    assert {"credential", "smtp_password", "admin_password", "client_secret", "token"} <= columns
