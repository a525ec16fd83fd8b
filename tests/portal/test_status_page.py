from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from paddock.tenancy.scope import organization_scope
from participants.models import Registration, Step
from tests.portal.scenes import JOURNEYS, move_to, path_of, sign_up, stage_event
from tests.support.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

HTML = {"Accept": "text/html"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("status", "headline", "moves"),
    [
        ("registered", "You&#x27;re registered", True),
        ("preparing", "Preparing your access", True),
        ("ready", "You&#x27;re in", False),
        ("failed", "We could not let you in yet", False),
    ],
)
def test_page_says_where_things_stand(client: Client, status: str, headline: str, moves: bool) -> None:
    page = client.get(path_of(sign_up(stage_event(), status=status)), headers=HTML).content.decode()
    assert f"<h1>{headline}</h1>" in page
    assert ("hx-get" in page) is moves
    assert ("Start racing in DeepRacer" in page) is (status == "ready")


def test_a_failure_says_what_the_person_can_mend_and_nothing_of_the_organizers(client: Client) -> None:
    path = path_of(sign_up(stage_event(), status="failed"))
    for accept in ("text/html", "application/json"):
        answer = client.get(path, headers={"Accept": accept}).content.decode()
        assert "Register again with the right one." in answer
        assert "ann@contoso.example" not in answer


def test_a_failure_of_ours_says_who_looks_after_it(client: Client) -> None:
    registration = sign_up(stage_event(), status="failed")
    with organization_scope(registration.organization_id):
        Step.objects.filter(registration=registration, kind="identity").update(hint="")
    page = client.get(path_of(registration), headers=HTML).content.decode()
    assert "The organizers can see it and try again." in page


@pytest.mark.parametrize("status", JOURNEYS)
def test_json_has_its_shape(client: Client, status: str) -> None:
    answer = client.get(path_of(sign_up(stage_event(), status=status)), headers={"Accept": "application/json"})
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert set(body) == {"status", "access_url", "steps"}
    assert body["status"] == status
    assert [step["name"] for step in body["steps"]] == ["identity", "membership", "push", "access", "welcome"]
    assert all(set(step) == {"name", "state", "detail"} for step in body["steps"])
    if status == "ready":
        assert body["access_url"].startswith("https://d-1234567890.awsapps.com/start/#/console?account_id=")
    else:
        assert body["access_url"] is None


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("image/png", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/*", "text/html; charset=utf-8"),
        ("text/html, application/json;q=0.9", "text/html; charset=utf-8"),
        (BROWSER, "text/html; charset=utf-8"),
    ],
)
def test_reader_gets_what_it_prefers(client: Client, accept: str | None, content_type: str) -> None:
    path = path_of(sign_up(stage_event()))
    headers = {} if accept is None else {"Accept": accept}
    for answer in (client.get(path, headers=headers), client.get(f"{path[:-3]}xx/", headers=headers)):
        assert answer.headers["Content-Type"].replace("problem+", "") == content_type


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_address_is_kept_secret(client: Client, accept: str) -> None:
    answer = client.get(path_of(sign_up(stage_event())), headers={"Accept": accept})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Accept" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_foreign_missing_and_tampered_addresses_get_the_same_answer(client: Client, accept: str) -> None:
    event, other = stage_event(), stage_event()
    sibling = stage_event(organization=event.organization)
    outsider = OrganizationFactory()
    path = path_of(sign_up(event))
    erased = sign_up(event, email="gone@contoso.example")
    erased_path = path_of(erased)
    with organization_scope(event.organization_id):
        Registration.objects.filter(pk=erased.pk).delete()
    start, token = path.rstrip("/").rsplit("/", 1)
    wrong = [
        path.replace(event.organization.slug, outsider.slug, 1),
        path.replace(event.organization.slug, "nobody", 1),
        f"/e/{other.organization.slug}/{other.slug}/registrations/{token}/",
        f"/e/{sibling.organization.slug}/{sibling.slug}/registrations/{token}/",
        f"{start}/{token[:-1]}/",
        f"{start}/{'0' * 32}{token[32:]}/",
        f"{start}/{token.partition(':')[0]}/",
        f"{start}/nonsense/",
        erased_path,
    ]
    answers = [client.get(each, headers={"Accept": accept}) for each in wrong]
    assert {answer.status_code for answer in answers} == {404}
    told = [{name: value for name, value in answer.headers.items() if name != "X-Request-ID"} for answer in answers]
    assert len({(answer.content, tuple(sorted(each.items()))) for answer, each in zip(answers, told, strict=True)}) == 1
    if accept == "application/json":
        assert answers[0].headers["Content-Type"] == "application/problem+json"
        assert answers[0].json()["status"] == 404
    assert client.get(path, headers={"Accept": accept}).status_code == 200


def read_poll(page: str) -> str:
    return page.partition('hx-get="')[2].partition('"')[0]


def test_a_poll_is_answered_only_by_a_change(client: Client) -> None:
    registration = sign_up(stage_event())
    page = client.get(path_of(registration), headers=HTML).content.decode()
    assert 'id="announcement"></p>' in page
    assert client.get(read_poll(page), headers=HTML).status_code == 204
    move_to(registration, "preparing")
    changed = client.get(read_poll(page), headers=HTML)
    assert changed.status_code == 200
    announcement = "Preparing your access. Your membership travels to AWS."
    assert f'id="announcement">{announcement}</p>' in changed.content.decode()


@pytest.mark.parametrize(("age", "pace"), [(timedelta(0), "every 2s"), (timedelta(minutes=2), "every 10s")])
def test_page_looks_less_often_after_a_while(client: Client, age: timedelta, pace: str) -> None:
    registration = sign_up(stage_event())
    with organization_scope(registration.organization_id):
        Registration.objects.filter(pk=registration.pk).update(created_at=timezone.now() - age)
    assert pace in client.get(path_of(registration), headers=HTML).content.decode()


def test_page_is_of_use_without_scripts(client: Client) -> None:
    path = path_of(sign_up(stage_event()))
    assert (
        f'<noscript><p><a href="{path}">Look again</a></p></noscript>'
        in client.get(path, headers=HTML).content.decode()
    )
