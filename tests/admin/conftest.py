import pytest

from tests.admin.outsiders import MARK
from tests.admin.stage import Tenant, build_tenant


@pytest.fixture
def contoso(db: None) -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def fabrikam(db: None) -> Tenant:
    return build_tenant("Fabrikam")


@pytest.fixture
def zebra(db: None) -> Tenant:
    """Another organization, whose every row bears a word that may stand on no page."""
    return build_tenant(MARK)
