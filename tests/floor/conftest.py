import pytest
from django.conf import LazySettings

from tests.admin.stage import Tenant, build_tenant
from tests.floor.production import read_production

# Of these production is what counts; addresses of servers stay those of the suite.
OF_THE_FLOOR = ("SECURE_", "SESSION_", "CSRF_", "X_FRAME", "CONTENT_SECURITY", "ADMIN_CONTENT", "DEBUG")


@pytest.fixture
def contoso(db: None) -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def fabrikam(db: None) -> Tenant:
    return build_tenant("Fabrikam")


@pytest.fixture
def production(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> LazySettings:
    """What a real deployment has set, but for the addresses of its servers."""
    for name, value in read_production(monkeypatch).items():
        if name.startswith(OF_THE_FLOOR):
            setattr(settings, name, value)
    return settings
