"""Addresses of buttons, typed into the browser: a page that says so, and nothing else."""

import pytest
from django.test import Client

from tests.admin.stage import Tenant, page, sign_in
from tests.support.keys import make_key

pytestmark = pytest.mark.django_db
WORDS = "belongs to a button on another page"


@pytest.mark.parametrize("path", ["/sign-out/", "/sign-in/"])
def test_a_visitor_reads_what_to_do(path: str, client: Client) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert WORDS in answer.content.decode()


def test_an_organizer_too(contoso: Tenant) -> None:
    client, address = sign_in("organizer", contoso.organization), page(contoso.event, "preflight_start")
    answer = client.get(address)
    assert answer.status_code == 405
    assert WORDS in answer.content.decode()
    assert client.get(address, headers={"HX-Request": "true"}).content == b""


def test_a_form_that_is_sent_to_a_page(client: Client) -> None:
    assert WORDS in client.post("/").content.decode()


@pytest.mark.parametrize("headers", [{"accept": "application/json"}, {"HX-Request": "true"}])
def test_programs_and_pieces_of_pages_get_none(headers: dict[str, str], client: Client) -> None:
    answer = client.get("/sign-out/", headers=headers)
    assert (answer.status_code, answer.content) == (405, b"")


def test_the_api_answers_with_a_problem(contoso: Tenant) -> None:
    path, token = f"/api/v1/organizations/{contoso.organization.slug}/events/", make_key(contoso.organization)
    answer = Client().delete(path, headers={"Authorization": f"Bearer {token}", "accept": "*/*"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
