"""One sandbox for the whole run, emptied and seeded for every test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.sandbox import world
from tests.sandbox.deepracer import ACCOUNT, OTHER_ACCOUNT, OTHER_ROLE, DeepRacer, Racers
from tests.support.browser import find_chromium
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    running_sandbox.seed(**world.seed())
    return running_sandbox


@pytest.fixture
def graph(sandbox: Sandbox) -> world.Graph:
    return world.Graph(sandbox)


@pytest.fixture
def aws(sandbox: Sandbox) -> world.Aws:
    return world.Aws(sandbox)


@pytest.fixture
def racer(sandbox: Sandbox, aws: world.Aws) -> str:
    """Somebody whose group may open the racing account as "Racer"."""
    sandbox.knobs(throttles=False)
    people = [{"mail": "ann@contoso.example", "given_name": "Ann", "family_name": "Lee"}]
    people += [{"mail": "bob@contoso.example", "given_name": "Bob", "family_name": "Roe"}]
    sandbox.seed(identity_center=[{**world.seed()["identity_center"][0], "people": people}])
    store, admin = aws.client("identitystore"), aws.client("sso-admin")
    key = {"IdentityStoreId": world.STORE}
    unique = {"AttributePath": "userName", "AttributeValue": "ann@contoso.example"}
    user_id = store.get_user_id(**key, AlternateIdentifier={"UniqueAttribute": unique})["UserId"]
    group_id = store.create_group(**key, DisplayName="event")["GroupId"]
    store.create_group_membership(**key, GroupId=group_id, MemberId={"UserId": user_id})
    created = admin.create_permission_set(InstanceArn=world.INSTANCE, Name="Racer", RelayState=world.CONSOLE)
    admin.create_account_assignment(
        InstanceArn=world.INSTANCE,
        TargetId=world.RACING_ACCOUNT,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=created["PermissionSet"]["PermissionSetArn"],
        PrincipalType="GROUP",
        PrincipalId=group_id,
    )
    wait_until(lambda: sandbox.state()["identity_center"][0]["assignments"] != [])
    return "ann@contoso.example"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def deepracer(sandbox: Sandbox) -> DeepRacer:
    roles = [{"arn": OTHER_ROLE, "external_id": world.EXTERNAL_ID}]
    sandbox.seed(multi_user=[{"account_id": ACCOUNT}, {"account_id": OTHER_ACCOUNT}], roles=roles)
    sandbox.knobs(racing_speed=0)
    return DeepRacer(sandbox)


@pytest.fixture
def racers(sandbox: Sandbox, deepracer: DeepRacer) -> Racers:
    return Racers(sandbox)
