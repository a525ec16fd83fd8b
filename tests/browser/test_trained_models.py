"""Deleting models in a browser: chosen on the list, shown, counted aloud, and watched until they are gone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, open_admin
from tests.participants.test_trained_models import build_scene
from tests.support.convergence import settle
from tests.support.looking import find_overflows
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_several_models_go_once_their_number_is_typed(open_page: OpenPage, sandbox: Sandbox) -> None:
    scene = build_scene(sandbox, "ann", "ben")
    scene.train("ann", "keep", "drop-1")
    scene.train("ben", "drop-2")
    scene.refresh()
    page = open_admin(open_page, scene.event.organization_id)

    page.goto("/admin/participants/trainedmodel/")
    for name in ("drop-1", "drop-2"):
        page.get_by_role("row", name=re.compile(name)).locator("input.action-select").check()
    page.locator("select[name=action]").select_option(label="Delete models…")
    page.get_by_role("button", name="Run").click()
    page.get_by_label("Reason").fill("Storage is full")
    page.locator("button[name=stage][value=preview]").click()
    expect(page.get_by_text("2 models of 2 racers will be deleted.")).to_be_visible()
    delete = page.get_by_role("button", name="Delete: 2 models")
    delete.click()
    expect(page.locator("input[name=typed]:invalid")).to_have_count(1)
    page.locator("input[name=typed]").fill("3")
    delete.click()
    expect(page.locator("input[name=typed]:invalid")).to_have_count(1)
    page.locator("input[name=typed]").fill("2")
    delete.click()
    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    settle()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    assert scene.at_service() == ["keep"]

    page.goto(f"/admin/participants/racerprofile/{scene.racer('ann').pk}/change/")
    table = page.locator("section[aria-labelledby=models-title]")
    expect(table.get_by_role("link", name="keep")).to_be_visible()
    expect(table.get_by_text("As of")).to_be_visible()
    assert find_overflows(page) == []
