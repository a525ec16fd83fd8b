from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.portal.scenes import add_race, ask, offer, portal_path, sign_up, stage_event
from tests.support.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def read(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize(
    ("window", "fields", "sentence", "has_form"),
    [
        ("not_yet_open", {}, "Registration is not open yet", False),
        ("open", {}, "Register</button>", True),
        ("open", {"capacity": 3}, ">3</span> of 3", True),
        ("full", {}, "All places are taken", False),
        ("closed", {}, "Registration is closed", False),
        ("over", {}, "This event is over", False),
        ("open", {"requires_sign_in": True}, "Sign in to register", False),
        ("closed", {"requires_sign_in": True}, "Registration is closed", False),
    ],
)
def test_page_says_whether_people_can_register(
    client: Client, window: str, fields: dict[str, Any], sentence: str, has_form: bool
) -> None:
    page = read(client, portal_path(stage_event(window=window, **fields)))
    assert sentence in page
    assert ("<form" in page) is has_form


def test_foreign_missing_and_hidden_events_get_the_same_answer(client: Client) -> None:
    event, outsider = stage_event(), OrganizationFactory()
    hidden = stage_event(organization=event.organization, is_published=False)
    paths = [
        f"/e/{outsider.slug}/{event.slug}/",
        f"/e/{event.organization.slug}/missing/",
        f"/e/nobody/{event.slug}/",
        portal_path(hidden),
    ]
    for send in (client.get, client.post):
        answers = [send(path) for path in paths]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1


def test_two_organizations_may_use_the_same_slug(client: Client) -> None:
    mine = stage_event(slug="finals", title="My finals")
    theirs = stage_event(slug="finals", title="Their finals")
    page = read(client, portal_path(mine))
    assert mine.title in page
    assert theirs.title not in page


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "zone", "words"),
    [
        (
            datetime(2027, 3, 12, 8, tzinfo=UTC),
            datetime(2027, 3, 12, 16, tzinfo=UTC),
            "Europe/Berlin",
            (
                '<time datetime="2027-03-12T09:00:00+01:00">Friday 12 March 2027, 09:00</time> &ndash; '
                '<time datetime="2027-03-12T17:00:00+01:00">17:00</time> <span class="zone">(Europe/Berlin)</span>'
            ),
        ),
        (  # one day in UTC, two in Tokyo
            datetime(2027, 3, 12, 8, tzinfo=UTC),
            datetime(2027, 3, 12, 16, tzinfo=UTC),
            "Asia/Tokyo",
            (
                '<time datetime="2027-03-12T17:00:00+09:00">Friday 12 March 2027, 17:00</time> &ndash; '
                '<time datetime="2027-03-13T01:00:00+09:00">Saturday 13 March 2027, 01:00</time> '
                '<span class="zone">(Asia/Tokyo)</span>'
            ),
        ),
        (  # the clock goes forward between start and end
            datetime(2027, 3, 27, 20, tzinfo=UTC),
            datetime(2027, 3, 28, 20, tzinfo=UTC),
            "Europe/Berlin",
            (
                '<time datetime="2027-03-27T21:00:00+01:00">Saturday 27 March 2027, 21:00</time> &ndash; '
                '<time datetime="2027-03-28T22:00:00+02:00">Sunday 28 March 2027, 22:00</time> '
                '<span class="zone">(Europe/Berlin)</span>'
            ),
        ),
    ],
)
def test_dates_stand_in_the_zone_of_the_event(
    client: Client, starts_at: datetime, ends_at: datetime, zone: str, words: str
) -> None:
    event = stage_event(starts_at=starts_at, ends_at=ends_at, time_zone=zone)
    assert words in read(client, portal_path(event))


@pytest.mark.parametrize(
    ("markdown", "kept", "gone"),
    [
        ("**Fast** laps", "<strong>Fast</strong>", "**"),
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script>alert"),
        ("[click](javascript:alert(1))", "click", 'href="javascript:'),
        ('<img src=x onerror="alert(1)">', "&lt;img", "<img"),
        ("# Shouting", "<h2>Shouting</h2>", "<h1>Shouting"),
        ("| a |\n|:-:|\n| b |", "<td>b</td>", "style="),
    ],
)
def test_markdown_is_shown_and_defused(client: Client, markdown: str, kept: str, gone: str) -> None:
    event = stage_event(description=markdown)
    offer(event, title="Notes", url="", text=markdown)
    page = read(client, portal_path(event))
    assert page.count(kept) == 2
    assert gone not in page


def test_materials_stand_under_their_headings(client: Client) -> None:
    event = stage_event()
    for position, (group, title) in enumerate([("Before", "First"), ("After", "Second"), ("Before", "Third")]):
        offer(event, group=group, title=title, position=position, url=f"https://example.com/{title}")
    page = read(client, portal_path(event))
    assert page.count("<h3>Before</h3>") == 1
    places = [page.index(word) for word in ("<h3>Before", ">First<", ">Third<", "<h3>After", ">Second<")]
    assert places == sorted(places)


def test_what_organizers_write_is_text_and_never_markup(client: Client) -> None:
    event = stage_event(title="<b>Race</b>", summary="<i>fast</i>")
    ask(event, label="<u>Why?</u>", help_text="<s>because</s>", kind="choice", choices=["<em>yes</em>"])
    page = read(client, portal_path(event))
    for tag in ("<b>", "<i>", "<u>", "<s>", "<em>"):
        assert tag not in page


@pytest.mark.parametrize(
    ("fields", "control"),
    [
        ({"kind": "choice", "choices": list("abcde")}, 'type="radio" name="answers-q"'),
        ({"kind": "choice", "choices": list("abcdef")}, '<select name="answers-q"'),
        ({"kind": "choices", "choices": ["a"]}, 'type="checkbox" name="answers-q"'),
        ({"kind": "text"}, '<textarea name="answers-q"'),
        ({"kind": "number"}, 'inputmode="decimal"'),
        ({"kind": "yes_no"}, 'value="yes"'),
    ],
)
def test_every_kind_of_question_has_its_control(client: Client, fields: dict[str, Any], control: str) -> None:
    event = stage_event()
    ask(event, key="q", label="How?", help_text="Like this.", required=True, **fields)
    page = read(client, portal_path(event))
    assert control in page
    assert 'How? <span class="required">required</span>' in page
    assert 'aria-describedby="id_answers-q_helptext"' in page


def test_queries_do_not_grow_with_the_event(client: Client) -> None:
    event = stage_event(capacity=100)
    path = portal_path(event)
    counts = []
    for number in (1, 3, 9):
        for each in range(number):
            ask(event, key=f"question_{number}_{each}")
            offer(event)
            add_race(event)
            sign_up(event, email=f"racer{number}-{each}@contoso.example")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(path)
        counts.append(len(queries))
    # Organization, event, questions, races, materials, places taken, how people sign in here and at DeepRacer.
    assert counts == [8, 8, 8]


def test_pages_allow_nothing_but_their_own_files(client: Client) -> None:
    answer = client.get(portal_path(stage_event()))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = answer.content.decode()
    for forbidden in ("style=", "<style", "onclick", "hx-on", "http://", "https://"):
        assert forbidden not in page


def test_home_names_no_event(client: Client, settings: Any) -> None:
    event = stage_event(title="Secret finals")
    assert event.title not in read(client, "/")
    assert "demonstration" not in read(client, "/")
    settings.SANDBOX_URL = "http://127.0.0.1:9000"
    assert 'href="http://127.0.0.1:9000/mailbox"' in read(client, "/")


@pytest.mark.parametrize("path", ["/nothing/", "/e/nobody/nothing/", "/e/"])
def test_missing_pages_are_friendly(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Nothing is parked here" in answer.content.decode()


def test_a_form_without_its_token_is_explained() -> None:
    answer = Client(enforce_csrf_checks=True).post(portal_path(stage_event()))
    assert answer.status_code == 403
    assert "Please send that again" in answer.content.decode()


def test_errors_of_our_own_are_friendly(client: Client) -> None:
    from django.views.defaults import bad_request, permission_denied, server_error

    request = client.get("/").wsgi_request
    assert "hit the barrier" in server_error(request).content.decode()
    assert "not open to you" in permission_denied(request, Exception()).content.decode()
    assert "was off" in bad_request(request, Exception()).content.decode()
