"""The sandbox's receivers of webhooks: what arrives is shown, and they answer as they were told."""

import pytest
import requests

from tests.support.sandbox import Sandbox

SENT = {"webhook-id": "msg_1", "webhook-signature": "v1,abc", "Content-Type": "application/json"}


def send(sandbox: Sandbox, body: str = '{"type": "webhook.test", "data": {}}') -> requests.Response:
    return requests.post(f"{sandbox.url}/hooks/contoso", data=body, headers=SENT, timeout=30)


def read(sandbox: Sandbox, path: str) -> str:
    answer = requests.get(f"{sandbox.url}{path}", timeout=30)
    answer.raise_for_status()
    return answer.text


def test_what_arrives_is_shown_with_its_headers(sandbox: Sandbox) -> None:
    assert "Nothing has arrived yet" in read(sandbox, "/hooks")
    assert send(sandbox).status_code == 200
    (arrival,) = sandbox.hooks("contoso")
    assert arrival["headers"]["webhook-id"] == "msg_1"
    assert "1 arrived" in read(sandbox, "/hooks")
    assert "webhook.test" in read(sandbox, "/hooks/contoso")
    shown = read(sandbox, f"/hooks/contoso/{arrival['id']}")
    assert "v1,abc" in shown
    assert requests.get(f"{sandbox.url}/hooks/contoso/unknown", timeout=30).status_code == 404


@pytest.mark.parametrize(("manner", "status"), [("accept", 200), ("error", 500), ("busy", 429), ("gone", 410)])
def test_manners(sandbox: Sandbox, manner: str, status: int) -> None:
    told = requests.post(f"{sandbox.url}/hooks/contoso/manner", data={"manner": manner}, timeout=30)
    assert told.status_code == 200  # after a redirect to the page
    answer = send(sandbox)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (manner == "busy")


@pytest.mark.parametrize("body", ["", "nonsense", "[]", '"x"', "<script>"])
def test_anything_may_arrive(sandbox: Sandbox, body: str) -> None:
    assert send(sandbox, body).status_code == 200
    assert "(no type)" in read(sandbox, "/hooks/contoso")
    (arrival,) = sandbox.hooks("contoso")
    assert "<script>" not in read(sandbox, f"/hooks/contoso/{arrival['id']}")


def test_a_manner_that_does_not_exist(sandbox: Sandbox) -> None:
    assert requests.post(f"{sandbox.url}/hooks/x/manner", data={"manner": "kind"}, timeout=30).status_code == 400
