"""Real servers for every test: PostgreSQL as the application sees it, Valkey, and no network but loopback."""

import gc
import os
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.template import Context
from django.template.base import Template
from django.test.signals import template_rendered
from django.utils.safestring import SafeString
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from integrations import repetition
from paddock.tenancy.ownership import become_owner
from paddock.tenancy.scope import APPLICATION_ROLE
from tests.support.emptying import empty_quickly
from tests.support.network import forbid_network
from tests.support.sandbox import Sandbox
from tests.support.template import provide_template

GARBAGE_THRESHOLD = 20_000
LONGEST_PAUSE_SECONDS = 0.1

# A busy machine is no fault of what is tested, and the fixtures that are made once for all examples are meant to be.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("unhurried")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests begin first, so that no worker is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What has been loaded stays. Python would look through its quarter of a million objects again and again for what
    can be thrown away, which takes up to a tenth of the time of a test."""
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Databases are made by the owner of the tables, as copies of one that has them."""
    become_owner(connection)
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = provide_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests work as the application does: under row-level security, with no way around it."""
    empty_quickly()
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["OPTIONS"] |= {"options": f"-c role={APPLICATION_ROLE}"}
    yield
    connection.close()
    become_owner(connection)


@pytest.fixture(autouse=True)
def _start_clean() -> None:
    """Every test starts with an empty cache and cannot reach anything but loopback."""
    forbid_network()
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _note_whole_pages(django_test_environment: None) -> None:
    """`response.context` is that of the page. Django's test client would copy the context of each of the hundreds of
    templates that a page includes as well, which takes longer than to make some of them."""
    Template._render = render_and_note  # type: ignore[method-assign]


def render_and_note(template: Template, context: Context) -> SafeString:
    if context.template is template:
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


@pytest.fixture(scope="session", autouse=True)
def _repeat_soon() -> None:
    """What is repeated in place waits a moment, instead of the seconds that were asked for: a test has no time."""
    repetition.sleep = lambda seconds: time.sleep(min(seconds, LONGEST_PAUSE_SECONDS))


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """The local cloud; the product's code reaches it by its endpoints alone."""
    with Sandbox() as sandbox:
        os.environ.update(sandbox.environment())
        settings.GRAPH_ENDPOINT = os.environ["GRAPH_ENDPOINT"]
        settings.ENTRA_LOGIN_ENDPOINT = os.environ["ENTRA_LOGIN_ENDPOINT"]
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The local cloud, empty and at its default knobs."""
    sandbox_process.reset()
    return sandbox_process
