"""The racer's part of the stand-in for the console: joining, training and racing by clicks."""

from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.sandbox import world
from tests.sandbox.deepracer import DeepRacer, Racers, race_request
from tests.support.looking import find_faults, find_overflows
from tests.support.sandbox import Sandbox

ACCOUNT = world.RACING_ACCOUNT
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Paddock"
QUERY = {"account_id": ACCOUNT, "destination": world.CONSOLE}


@pytest.fixture
def deepracer(sandbox: Sandbox, racer: str) -> DeepRacer:
    sandbox.seed(multi_user=[{"account_id": ACCOUNT}], roles=[{"arn": ROLE, "external_id": world.EXTERNAL_ID}])
    sandbox.knobs(racing_speed=0)
    return DeepRacer(sandbox, role=ROLE)


@pytest.fixture
def racers(sandbox: Sandbox, deepracer: DeepRacer) -> Racers:
    return Racers(sandbox, ACCOUNT)


class Visitor:
    """Somebody who has signed in, without a browser."""

    def __init__(self, sandbox: Sandbox, person: str) -> None:
        self._url = f"{sandbox.url}/console"
        self._cookies = {"sandbox_person": person}

    def look(self, **query: str) -> requests.Response:
        return requests.get(self._url, params=QUERY | query, cookies=self._cookies, timeout=60)

    def press(self, button: str, query: dict[str, str] | None = None, **form: str) -> requests.Response:
        address = f"{self._url}/{button}"
        return requests.post(address, params=QUERY | (query or {}), data=form, cookies=self._cookies, timeout=60)


@pytest.fixture
def visitor(sandbox: Sandbox, deepracer: DeepRacer, racer: str) -> Visitor:
    return Visitor(sandbox, racer)


def test_an_account_without_multi_user_mode_shows_no_racer(sandbox: Sandbox, racer: str) -> None:
    assert "Your racer" not in Visitor(sandbox, racer).look().text


def test_a_racer_joins_and_trains(racer: str, visitor: Visitor, racers: Racers) -> None:
    assert visitor.press("racer", alias="Ada").status_code == 200
    assert racers.profile("Ada")["email"] == racer
    visitor.press("train")
    racers.advance(12)
    page = visitor.look().text
    for shown in ("<strong>12</strong> of 300 minutes used, 18 to come", "Ada-1", "Training"):
        assert shown in page


@pytest.mark.parametrize(
    ("alias", "reason"), [("no name", "is no racer name"), ("", "is no racer name"), ("BOB", "is taken")]
)
def test_a_name_can_be_refused(visitor: Visitor, racers: Racers, alias: str, reason: str) -> None:
    racers.do("join", racers=[{"alias": "Bob", "email": "bob@contoso.example"}])
    answer = visitor.press("racer", alias=alias)
    assert answer.status_code == 409
    assert reason in answer.text


def test_a_racer_without_address_is_claimed_by_name(racer: str, visitor: Visitor, racers: Racers) -> None:
    [service_id] = racers.join("Ada")
    visitor.press("racer", alias="Ada")
    assert (racers.profile("Ada")["service_id"], racers.profile("Ada")["email"]) == (service_id, racer)
    assert "is taken" in visitor.press("racer", alias="Another").text


@pytest.mark.parametrize(
    ("hindrance", "reason"),
    [
        ({"action": "SET_LIMITS", "MaxComputeMinutes": 29}, "less than 30 minutes left"),
        ({"action": "SET_LIMITS", "MaxModels": 0}, "as many models as you may"),
        ({"action": "RESTRICT"}, "sponsorship is paused"),
    ],
)
def test_why_a_training_cannot_begin(
    visitor: Visitor, deepracer: DeepRacer, hindrance: dict[str, Any], reason: str
) -> None:
    visitor.press("racer", alias="Ada")
    deepracer.manage(hindrance.pop("action"), "Ada", **hindrance)
    page = visitor.look().text
    assert reason in page
    assert "<button disabled" in page
    assert visitor.press("train").status_code == 409


def test_without_a_profile_nothing_can_be_done(visitor: Visitor) -> None:
    for button in ("train", "enter", "submit"):
        assert "Create your racer profile first" in visitor.press(button).text


def test_without_access_nothing_can_be_done(sandbox: Sandbox, racers: Racers) -> None:
    assert Visitor(sandbox, "bob@contoso.example").press("racer", alias="Bob").status_code == 403
    assert racers.report()["profiles"] == []


def test_an_old_invitation_is_refused(visitor: Visitor, deepracer: DeepRacer) -> None:
    visitor.press("racer", alias="Ada")
    race = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    old, new = (deepracer.call("CreateLeaderboardAccessToken", LeaderboardArn=race)["AccessToken"] for _ in range(2))
    assert "Enter the race" not in visitor.look(race_token=old).text
    assert visitor.press("enter", {"race_token": old}).status_code == 409
    assert "Enter the race" in visitor.look(race_token=new).text
    refused = visitor.press("submit", race_id=race.rpartition("/")[2])
    assert "Enter the race first" in refused.text


@pytest.mark.browser
def test_a_racer_follows_an_invitation(
    sandbox: Sandbox, racer: str, deepracer: DeepRacer, racers: Racers, page: Page
) -> None:
    race = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    token = deepracer.call("CreateLeaderboardAccessToken", LeaderboardArn=race)["AccessToken"]
    page.goto(f"{sandbox.url}/console#raceToken/{token}")
    page.get_by_label("E-mail address").fill(racer)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Create racer profile").click()
    page.get_by_role("button", name="Enter the race").click()
    page.get_by_role("button", name="Submit the newest model").click()
    expect(page.get_by_role("alert")).to_contain_text("no model that is ready")
    page.get_by_role("button", name="Train for 30 minutes").click()
    racers.advance(30)
    page.get_by_role("button", name="Submit the newest model").click()
    expect(page.get_by_text("Place 1:")).to_be_visible()
    [result] = deepracer.all("ListLeaderboardSubmissions", "LeaderboardSubmissions", LeaderboardArn=race)
    assert result["Alias"] == "ann"


@pytest.mark.browser
def test_the_page_is_accessible(
    sandbox: Sandbox,
    racer: str,
    deepracer: DeepRacer,
    racers: Racers,
    browser: Browser,
) -> None:
    race = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    token = deepracer.call("CreateLeaderboardAccessToken", LeaderboardArn=race)["AccessToken"]
    visitor = Visitor(sandbox, racer)

    def check(page: Page) -> None:
        page.goto(f"{sandbox.url}/console?account_id={ACCOUNT}&race_token={token}")
        assert find_faults(page) == []
        assert find_overflows(page) == []

    with browser.new_context() as context:
        context.add_cookies([{"name": "sandbox_person", "value": racer, "url": sandbox.url}])
        page = context.new_page()
        check(page)
        visitor.press("racer", alias="a-racer-with-quite-a-long-name-that-breaks-somewhere-or-other")
        visitor.press("train")
        check(page)
        racers.advance(40)
        deepracer.manage("RESTRICT", *deepracer.users())
        check(page)
