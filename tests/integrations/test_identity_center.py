"""IAM Identity Center: verifying access, being a directory, setting an event up again and again."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations import aws
from integrations.directories.identity_center.config import IdentityCenterConfig
from integrations.directories.identity_center.directory import IdentityCenter
from integrations.directories.identity_center.links import access_url
from integrations.directories.identity_center.permissions import format_duration
from integrations.errors import IntegrationError
from tests.integrations import world
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

POLICY = "arn:aws:iam::aws:policy/AWSDeepRacerDefaultMultiUserAccess"


@pytest.fixture
def center(sandbox: Sandbox) -> IdentityCenter:
    return IdentityCenter(world.IDENTITY_CENTER)


# AWS takes 20 requests a second, and each look is several.
POLITE_SECONDS = 0.3


def permission_set(center: IdentityCenter, **changes: Any) -> str:
    wanted = {
        "name": "paddock-racers",
        "managed_policy_arns": [POLICY],
        "session_duration_seconds": 7200,
        "relay_state": "https://console.aws.amazon.com/deepracer/home",
        "description": "Racers",
    }
    return center.ensure_permission_set(**(wanted | changes))


def admin() -> Any:
    return aws.client(world.ACCESS, "sso-admin")


def identity_store() -> Any:
    return aws.client(world.ACCESS, "identitystore")


class TestDirectory:
    def test_admits_finds_and_adds_people(self, center: IdentityCenter) -> None:
        people = world.people(6)
        assert set(center.find_people(people).values()) == {None}
        admitted = center.admit_people(people, landing_url=world.LANDING_URL)
        assert center.find_people(people) == admitted
        assert center.admit_people(people, landing_url=world.LANDING_URL) == admitted
        group_id = center.ensure_group(name="paddock-one", description="")
        user_ids = [str(user_id) for user_id in admitted.values()]
        for _ in range(2):
            assert center.add_members(group_id, user_ids) == dict.fromkeys(user_ids)
        assert set().union(*center.list_members(group_id)) == set(user_ids)
        for _ in range(2):
            assert center.remove_members(group_id, user_ids) == dict.fromkeys(user_ids)
        assert not center.is_member(user_ids[0], group_id)

    @pytest.mark.parametrize(
        ("given_name", "family_name"),
        [("", ""), ("<b>Ann</b>", "O;Hara:"), ("Ann\r\nBcc: x", "100%"), ("林", "さくら")],
    )
    def test_admits_people_of_any_name(self, center: IdentityCenter, given_name: str, family_name: str) -> None:
        admitted = center.admit_people(
            [world.person("ann@contoso.example", given_name, family_name)], landing_url=world.LANDING_URL
        )
        assert isinstance(admitted["ann@contoso.example"], str)

    def test_a_member_who_is_gone_fails_alone(self, center: IdentityCenter) -> None:
        group_id = center.ensure_group(name="paddock-one", description="")
        (user_id,) = center.admit_people(world.people(1), landing_url="").values()
        stranger = "00000000-0000-4000-8000-000000000404"
        outcomes = center.add_members(group_id, [stranger, str(user_id)])
        assert outcomes[str(user_id)] is None
        assert isinstance(outcomes[stranger], IntegrationError)
        assert center.remove_members(group_id, [stranger]) == {stranger: None}

    def test_a_wrong_store_is_no_success(self, sandbox: Sandbox) -> None:
        wrong = IdentityCenter(replace(world.IDENTITY_CENTER, identity_store_id="d-9999999999"))
        (outcome,) = wrong.remove_members("group", ["user"]).values()
        assert isinstance(outcome, IntegrationError)
        assert outcome.permanent
        with pytest.raises(IntegrationError):
            wrong.find_group("paddock-one")
        assert isinstance(wrong.find_people(world.people(1))["racer0@contoso.example"], IntegrationError)

    def test_a_denied_account_is_everyones_outcome_after_one_call(self, sandbox: Sandbox) -> None:
        stranger = aws.AwsAccess(world.REGION, world.ROLE_ARN, "wrong")
        denied = IdentityCenter(IdentityCenterConfig(stranger, world.INSTANCE_ARN, world.STORE_ID))
        outcomes = denied.add_members("group", [f"user{number}" for number in range(30)])
        assert {outcome.code for outcome in outcomes.values() if outcome} == {"AccessDenied"}
        assert len(outcomes) == 30
        assert sandbox.calls()["sts"]["AssumeRole"] == 1


class TestVerifying:
    def test_finds_few_one_by_one_and_many_in_pages(self, center: IdentityCenter, sandbox: Sandbox) -> None:
        people = [
            {"mail": f"Racer{number}@Contoso.example", "given_name": "R", "family_name": "R"} for number in range(150)
        ]
        seed = world.seed()
        seed["identity_center"][0]["people"] = people
        sandbox.seed(**seed)
        emails = [f"racer{number}@contoso.example" for number in range(150)]
        found = center.find_users(emails)
        assert found.keys() == set(emails)
        assert sandbox.calls()["identitystore"] == {"ListUsers": 2}
        few = [*emails[:3], "stranger@contoso.example"]
        assert center.find_users(few) == {email: found[email] for email in emails[:3]}
        assert sandbox.calls()["identitystore"]["ListUsers"] == 2

    def test_pages_through_a_large_group(self, center: IdentityCenter, sandbox: Sandbox) -> None:
        seed = world.seed()
        seed["identity_center"][0]["people"] = [
            {"mail": person.email, "given_name": "R", "family_name": "R"} for person in world.people(120)
        ]
        sandbox.seed(**seed)
        sandbox.knobs(throttles=False)
        group_id = center.ensure_group(name="paddock-one", description="")
        for user_id in center.find_users([person.email for person in world.people(120)]).values():
            # Not through our own throttle, which would take a while.
            identity_store().create_group_membership(
                IdentityStoreId=world.STORE_ID, GroupId=group_id, MemberId={"UserId": user_id}
            )
        assert [len(page) for page in center.list_members(group_id)] == [100, 20]

    def test_stays_within_the_quota_of_the_identity_store(self, center: IdentityCenter) -> None:
        """The sandbox refuses the 21st call of a second; nobody is ever refused here."""
        outcomes = center.admit_people(world.people(45), landing_url="")
        assert not [outcome for outcome in outcomes.values() if isinstance(outcome, IntegrationError)]

    def test_an_unknown_group_is_none(self, center: IdentityCenter) -> None:
        assert center.find_group("nothing") is None


class TestSettingUp:
    def test_creates_once(self, center: IdentityCenter, sandbox: Sandbox) -> None:
        arn = permission_set(center)
        writes = writing_calls(sandbox)
        assert permission_set(center) == arn
        assert writing_calls(sandbox) == writes
        found = admin().describe_permission_set(InstanceArn=world.INSTANCE_ARN, PermissionSetArn=arn)["PermissionSet"]
        assert (found["Name"], found["SessionDuration"]) == ("paddock-racers", "PT2H")

    def test_brings_a_changed_set_to_the_accounts_that_have_it(self, center: IdentityCenter, sandbox: Sandbox) -> None:
        arn = permission_set(center, managed_policy_arns=[])
        group_id = center.ensure_group(name="paddock-one", description="")
        assigned = {"permission_set_arn": arn, "account_id": world.ACCOUNT_ID, "group_id": group_id}
        wait_until(lambda: center.ensure_assignment(**assigned), pause=POLITE_SECONDS)
        assert permission_set(center, session_duration_seconds=5400) == arn
        calls = sandbox.calls()["sso-admin"]
        assert calls["UpdatePermissionSet"] == 1
        assert calls["AttachManagedPolicyToPermissionSet"] == 1
        assert calls["ProvisionPermissionSet"] >= 1

    def test_an_assignment_is_requested_once_and_never_waited_for(
        self, center: IdentityCenter, sandbox: Sandbox
    ) -> None:
        group_id = center.ensure_group(name="paddock-one", description="")
        wanted = {"permission_set_arn": permission_set(center), "account_id": world.ACCOUNT_ID, "group_id": group_id}
        assert not center.is_assigned(**wanted)
        assert center.ensure_assignment(**wanted) is False
        assert center.ensure_assignment(**wanted) is False
        wait_until(lambda: center.ensure_assignment(**wanted), pause=POLITE_SECONDS)
        assert center.is_assigned(**wanted)
        assert center.ensure_assignment(**wanted) is True
        assert sandbox.calls()["sso-admin"]["CreateAccountAssignment"] == 1

    def test_a_request_of_somebody_else_is_waited_for_as_well(self, center: IdentityCenter) -> None:
        group_id = center.ensure_group(name="paddock-one", description="")
        wanted = {"permission_set_arn": permission_set(center), "account_id": world.ACCOUNT_ID, "group_id": group_id}
        admin().create_account_assignment(
            InstanceArn=world.INSTANCE_ARN,
            TargetId=world.ACCOUNT_ID,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=wanted["permission_set_arn"],
            PrincipalType="GROUP",
            PrincipalId=group_id,
        )
        assert center.ensure_assignment(**wanted) is False
        wait_until(lambda: center.ensure_assignment(**wanted), pause=POLITE_SECONDS)

    def test_a_failed_assignment_gives_awss_reason(self, center: IdentityCenter) -> None:
        group_id = center.ensure_group(name="paddock-one", description="")
        wanted = {"permission_set_arn": permission_set(center), "account_id": "999999999999", "group_id": group_id}
        assert center.ensure_assignment(**wanted) is False

        with pytest.raises(IntegrationError, match="not a member of the organization") as raised:
            wait_until(lambda: center.ensure_assignment(**wanted), pause=POLITE_SECONDS)
        assert raised.value.permanent

    def test_a_group_that_is_not_there_yet_is_an_error(self, center: IdentityCenter) -> None:
        with pytest.raises(IntegrationError):
            center.ensure_assignment(
                permission_set_arn=permission_set(center), account_id=world.ACCOUNT_ID, group_id="nothing"
            )

    def test_an_assignment_is_taken_away_once_and_read_back(self, center: IdentityCenter, sandbox: Sandbox) -> None:
        group_id = center.ensure_group(name="paddock-one", description="")
        gone = {"permission_set_arn": permission_set(center), "account_id": world.ACCOUNT_ID, "group_id": group_id}
        wait_until(lambda: center.ensure_assignment(**gone), pause=POLITE_SECONDS)
        assert center.remove_assignment(**gone) is False
        wait_until(lambda: center.remove_assignment(**gone), pause=POLITE_SECONDS)
        assert not center.is_assigned(**gone)
        assert center.remove_assignment(**gone) is True
        assert sandbox.calls()["sso-admin"]["DeleteAccountAssignment"] == 1

    def test_an_assignment_that_is_still_being_made_is_not_taken_for_gone(self, center: IdentityCenter) -> None:
        group_id = center.ensure_group(name="paddock-one", description="")
        gone = {"permission_set_arn": permission_set(center), "account_id": world.ACCOUNT_ID, "group_id": group_id}
        assert center.ensure_assignment(**gone) is False
        assert center.remove_assignment(**gone) is False
        wait_until(lambda: center.remove_assignment(**gone), pause=POLITE_SECONDS)
        assert not center.is_assigned(**gone)

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(3600, "PT1H"), (7200, "PT2H"), (5400, "PT1H30M"), (43200, "PT12H"), (900, "PT15M"), (0, "PT0M")],
    )
    def test_durations(self, seconds: int, text: str) -> None:
        assert format_duration(seconds) == text


def writing_calls(sandbox: Sandbox) -> dict[str, int]:
    reads = ("List", "Describe", "Get")
    return {name: count for name, count in sandbox.calls()["sso-admin"].items() if not name.startswith(reads)}


class TestLinks:
    @pytest.mark.parametrize(
        "portal_url",
        [
            "https://d-0123456789.awsapps.com/start",
            "https://d-0123456789.awsapps.com/start/",
            "https://d-0123456789.awsapps.com/start/#/",
        ],
    )
    def test_lead_into_deepracer(self, portal_url: str) -> None:
        destination = "https://us-east-1.console.aws.amazon.com/deepracer/home?region=us-east-1#welcome"
        url = urlsplit(
            access_url(
                portal_url=portal_url, account_id=world.ACCOUNT_ID, role_name="paddock+racers", destination=destination
            )
        )
        path, _, query = url.fragment.partition("?")
        assert (url.netloc, url.path, path) == ("d-0123456789.awsapps.com", "/start/", "/console")
        assert parse_qs(query) == {
            "account_id": [world.ACCOUNT_ID],
            "role_name": ["paddock+racers"],
            "destination": [destination],
        }
