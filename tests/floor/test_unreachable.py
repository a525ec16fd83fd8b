"""What Django and its neighbours would offer, and Paddock does not."""

import pytest
from django.test import Client

PATHS = [
    *("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/social/connections/"),
    *("/admin/password_reset/", "/password_reset/", "/reset/x/y/", "/admin/doc/", "/admin/jsi18n/x/", "/__debug__/"),
    *("/accounts/2fa/", "/_allauth/browser/v1/config", "/i18n/setlang/", "/media/x", "/.env", "/.git/config"),
    *("/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2fmanage.py", "/api/", "/api/v1/", "/metrics"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_is_not_there(path: str, client: Client) -> None:
    answer = client.get(path)
    # Behind the admin's door, an address that leads nowhere leads to the door.
    assert answer.status_code == 404 or answer.headers.get("Location", "").startswith("/admin/login/"), path
