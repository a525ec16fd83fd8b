import pytest

from tests.admin.stage import Tenant, build_tenant


@pytest.fixture
def contoso(db: None) -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def fabrikam(db: None) -> Tenant:
    return build_tenant("Fabrikam")
