"""Secrets are planted everywhere, everything is made to fail, and all that is logged and shown is searched for them."""

import base64
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from events.domain.connections import open_mail
from events.domain.lookup import load_event
from events.models import DirectoryConnection, MailConnection
from integrations.errors import IntegrationError
from integrations.sandbox.sign_on.keys import SigningKey, make_signing_key
from paddock.celery import app
from paddock.log_masking import MaskingFormatter
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from participants.models import Step
from tests.floor.broken import SECRET
from tests.portal.scenes import path_of
from tests.sso.conftest import _crooked_server, crooked  # noqa: F401 -- fixtures
from tests.sso.crooked import CrookedProvider
from tests.sso.stage import answer_saml, connect, connect_saml, open_browser, post_saml, sign, start
from tests.support.convergence import run_due_work
from tests.support.factories import UserFactory
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

KEY: SigningKey = make_signing_key()


@dataclass
class Watch(logging.Handler):
    """Writes every line as a deployment does that logs everything there is, and keeps it."""

    settings: LazySettings
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.DEBUG)
        line = self.settings.LOGGING["formatters"]["line"]
        assert line["()"] == f"{MaskingFormatter.__module__}.{MaskingFormatter.__name__}"
        self.setFormatter(MaskingFormatter(line["format"]))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __hash__(self) -> int:
        return id(self)

    def expect_none_of(self, *secrets: str, answers: tuple[Any, ...] = ()) -> None:
        shown = [each.content.decode() + str(each.headers) for each in answers]
        for text in [*self.lines, *shown]:
            assert [each for each in secrets if each in text] == [], text


@pytest.fixture
def watch(settings: LazySettings) -> Iterator[Watch]:
    root, watch = logging.getLogger(), Watch(settings)
    level, root.level = root.level, logging.DEBUG
    root.addHandler(watch)
    yield watch
    root.removeHandler(watch)
    root.setLevel(level)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_provider_that_refuses(status: int, crooked: CrookedProvider, watch: Watch) -> None:  # noqa: F811
    secrets = {"client_secret": SECRET}
    provider, browser = connect(issuer=crooked.issuer, **secrets), open_browser()
    crooked.token_status, crooked.id_token = status, crooked.make_token(crooked.other_key)
    start(browser, provider)
    (state,) = browser.session["socialaccount_states"]
    code = "code-that-is-worth-a-token"
    answer = browser.get(f"/sso/oidc/{provider.key}/callback/", {"code": code, "state": state})
    assert answer.status_code == 403
    assert "/token" in crooked.asked
    session = browser.cookies["sessionid"].value
    watch.expect_none_of(SECRET, code, state, crooked.id_token, session, answers=(answer,))


@pytest.mark.django_db
def test_a_saml_response_that_is_refused(watch: Watch) -> None:
    provider, browser = connect_saml(KEY), open_browser()
    start(browser, provider)
    (asked,) = browser.session["socialaccount_states"]
    whole = sign(answer_saml(provider, str(asked)), make_signing_key())
    broken = base64.b64encode(b"<x>" + SECRET.encode()).decode()
    answers = tuple(post_saml(browser, provider, response) for response in (whole, broken))
    assert [each.status_code for each in answers] == [403, 403]
    watch.expect_none_of(SECRET, whole[200:260], broken, answers=answers)


@pytest.mark.django_db
@pytest.mark.urls("tests.floor.broken")
def test_views_that_break(watch: Watch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory())
    token = f"status{SECRET}"
    paths = {f"/e/contoso/cup/registrations/{token}/": 500, "/refused/": 403, "/suspicious/": 400, "/none/": 404}
    answers = [client.get(path, headers={"authorization": f"Bearer {SECRET}"}) for path in paths]
    assert [each.status_code for each in answers] == list(paths.values())
    for answer in answers:
        page = answer.content.decode()
        assert "Run with Paddock" in page
        for word in ("Traceback", "RuntimeError", "Django", "settings", "/work", ".py"):
            assert word not in page
    watch.expect_none_of(SECRET, client.cookies["sessionid"].value, answers=tuple(answers))
    assert any("RuntimeError" in line for line in watch.lines)


@app.task(name="tests.floor.fail")
def fail() -> None:
    password = SECRET
    raise RuntimeError(f"refused: {{'password': '{password}', 'client_secret': '{password}'}}")


def test_a_task_that_fails(watch: Watch) -> None:
    assert fail.apply(throw=False).failed()
    watch.expect_none_of(SECRET)
    assert any("RuntimeError" in line for line in watch.lines)


@pytest.mark.django_db(transaction=True)
def test_a_directory_that_refuses_its_secret(sandbox: Sandbox, watch: Watch) -> None:
    organization = build_organization(sandbox)
    event = build_event(organization)
    with organization_scope(organization.pk):
        DirectoryConnection.objects.update(credential=SECRET)
    registration = sign_up(event, "ann")
    run_due_work()
    with organization_scope(organization.pk):
        details = list(Step.objects.filter(event=event).exclude(detail="").values_list("detail", flat=True))
    assert any("secret" in each for each in details), details
    page = Client().get(path_of(registration), headers={"accept": "text/html"})
    watch.expect_none_of(SECRET, answers=(page,))
    watch.expect_none_of(path_of(registration).split("/")[-2])
    assert not [each for each in details if SECRET in each]


@pytest.mark.django_db
def test_a_mail_server_that_refuses_its_password(sandbox: Sandbox, watch: Watch) -> None:
    event = build_event(build_organization(sandbox, mail="smtp"))
    with organization_scope(event.organization_id):
        MailConnection.objects.update(smtp_username="racing", smtp_password=SECRET)
        with pytest.raises(IntegrationError) as raised:
            open_mail(load_event(event.pk)).check_sender()
    logging.getLogger(__name__).warning("The sender is not well.", exc_info=raised.value)
    watch.expect_none_of(SECRET)
    assert SECRET not in str(raised.value)


@pytest.mark.django_db
def test_a_wrong_password(client: Client, watch: Watch) -> None:
    answer = client.post(reverse("admin:login"), {"username": "a@b.example", "password": SECRET})
    assert answer.status_code == 200
    watch.expect_none_of(SECRET, answers=(answer,))


@pytest.mark.django_db
def test_a_row_does_not_tell_its_secret() -> None:
    """`repr` and `str` end in log lines and in exceptions."""
    rows = [
        IdentityProvider(name="x", client_secret=SECRET),
        MailConnection(smtp_password=SECRET),
        DirectoryConnection(name="x", credential=SECRET),
    ]
    assert not [row for row in rows if SECRET in repr(row) + str(row)]
