"""Real servers for every test: PostgreSQL as the application sees it, Valkey, and no network but loopback."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from paddock.tenancy.ownership import become_owner
from paddock.tenancy.scope import APPLICATION_ROLE
from tests.support.network import forbid_network


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Databases are made by the owner of the tables."""
    become_owner(connection)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Tests work as the application does: under row-level security, with no way around it."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # Tests with real transactions empty the tables by TRUNCATE, which production never grants.
            cursor.execute("grant truncate on all tables in schema public to paddock_app, paddock_system")
        connection.close()
        connection.settings_dict["OPTIONS"] = {"options": f"-c role={APPLICATION_ROLE}"}
    yield
    connection.close()
    become_owner(connection)


@pytest.fixture(autouse=True)
def _quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test starts with an empty cache and cannot reach anything but loopback."""
    forbid_network()
    cache.clear()
    yield
