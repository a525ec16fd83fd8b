"""Identity store and sso-admin through boto3: the contract with moto's inner seams, and where we are stricter."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox import world
from tests.sandbox.world import INSTANCE, STORE, Aws
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

POLICY = "arn:aws:iam::aws:policy/AWSDeepRacerDefaultMultiUserAccess"


@pytest.fixture
def store(aws: Aws) -> Any:
    return aws.client("identitystore")


@pytest.fixture
def admin(sandbox: Sandbox, aws: Aws) -> Any:
    """Without rate limits, because these tests ask again and again until an assignment is there."""
    sandbox.knobs(throttles=False)
    return aws.client("sso-admin")


def create_user(store: Any, mail: str, **changes: Any) -> str:
    attributes = {
        "UserName": mail,
        "DisplayName": "Ann Lee",
        "Name": {"GivenName": "Ann", "FamilyName": "Lee"},
        "Emails": [{"Value": mail, "Type": "work", "Primary": True}],
    }
    created = store.create_user(IdentityStoreId=STORE, **{**attributes, **changes})
    return str(created["UserId"])


def create_group(store: Any, name: str = "event") -> str:
    return str(store.create_group(IdentityStoreId=STORE, DisplayName=name)["GroupId"])


def create_permission_set(admin: Any, name: str = "Racer") -> str:
    created = admin.create_permission_set(InstanceArn=INSTANCE, Name=name)
    return str(created["PermissionSet"]["PermissionSetArn"])


def assignment(group_id: str, permission_set: str) -> dict[str, str]:
    return {
        "InstanceArn": INSTANCE,
        "TargetId": "444455556666",
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": permission_set,
        "PrincipalType": "GROUP",
        "PrincipalId": group_id,
    }


def refused(code: str) -> Any:
    return pytest.raises(ClientError, match=code)


def test_users_are_found_by_name_and_address(store: Any) -> None:
    user_id = create_user(store, "Ann@contoso.example")
    for path in ("userName", "emails.value"):
        unique = {"AttributePath": path, "AttributeValue": "ann@contoso.example"}
        assert (
            store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier={"UniqueAttribute": unique})["UserId"]
            == user_id
        )
    assert store.describe_user(IdentityStoreId=STORE, UserId=user_id)["Name"]["FamilyName"] == "Lee"
    with refused("ResourceNotFoundException"):
        unique = {"AttributePath": "userName", "AttributeValue": "unknown"}
        store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier={"UniqueAttribute": unique})


@pytest.mark.parametrize(
    "changes",
    [
        {"Name": {"GivenName": "Ann"}},
        {"Name": {"FamilyName": "Lee"}},
        {"DisplayName": "Ann <Lee>"},
        {"UserName": "a%b"},
    ],
)
def test_users_without_proper_names_are_refused(store: Any, changes: dict[str, Any]) -> None:
    with refused("ValidationException"):
        create_user(store, "ann@contoso.example", **changes)


def test_names_are_unique(store: Any) -> None:
    create_user(store, "ann@contoso.example")
    create_group(store)
    with refused("ConflictException"):
        create_user(store, "ann@contoso.example")
    with refused("ConflictException"):
        create_group(store)


def test_a_membership_exists_once(store: Any) -> None:
    key = {"IdentityStoreId": STORE, "GroupId": create_group(store)}
    member = {"UserId": create_user(store, "ann@contoso.example")}
    membership = store.create_group_membership(**key, MemberId=member)["MembershipId"]
    with refused("ConflictException") as conflict:
        store.create_group_membership(**key, MemberId=member)
    assert conflict.value.response["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"
    assert store.get_group_membership_id(**key, MemberId=member)["MembershipId"] == membership
    store.delete_group_membership(IdentityStoreId=STORE, MembershipId=membership)
    with refused("ResourceNotFoundException"):
        store.delete_group_membership(IdentityStoreId=STORE, MembershipId=membership)


@pytest.mark.parametrize("operation", ["user", "group"])
def test_deleting_twice_is_refused(store: Any, operation: str) -> None:
    delete, key = {
        "user": (store.delete_user, {"UserId": create_user(store, "ann@contoso.example")}),
        "group": (store.delete_group, {"GroupId": create_group(store)}),
    }[operation]
    delete(IdentityStoreId=STORE, **key)
    with refused("ResourceNotFoundException") as missing:
        delete(IdentityStoreId=STORE, **key)
    assert missing.value.response["ResourceType"] == operation.upper()


@pytest.mark.parametrize(("count", "accepted"), [(100, True), (101, False)])
def test_a_hundred_groups_are_asked_at_once(store: Any, count: int, accepted: bool) -> None:
    group_id, user_id = create_group(store), create_user(store, "ann@contoso.example")
    store.create_group_membership(IdentityStoreId=STORE, GroupId=group_id, MemberId={"UserId": user_id})
    others = [f"00000000-0000-4000-8000-{number:012}" for number in range(count - 1)]
    question = {"IdentityStoreId": STORE, "MemberId": {"UserId": user_id}, "GroupIds": [group_id, *others]}
    if not accepted:
        with refused("ValidationException"):
            store.is_member_in_groups(**question)
        return
    results = store.is_member_in_groups(**question)["Results"]
    assert [result["GroupId"] for result in results if result["MembershipExists"]] == [group_id]


def test_stores_are_found_in_their_own_account_only(aws: Aws, store: Any) -> None:
    for client, identity_store in ((store, "d-0000000000"), (aws.client_without_role("identitystore"), STORE)):
        with refused("ResourceNotFoundException"):
            client.list_users(IdentityStoreId=identity_store)


def test_five_thousand_users_are_listed_quickly(sandbox: Sandbox, store: Any) -> None:
    people = [{"mail": f"racer{n}@contoso.example", "given_name": "Racer", "family_name": str(n)} for n in range(5000)]
    sandbox.seed(identity_center=[{**world.seed()["identity_center"][0], "people": people}])
    sandbox.knobs(throttles=False)
    began = time.monotonic()
    pages = list(store.get_paginator("list_users").paginate(IdentityStoreId=STORE, PaginationConfig={"PageSize": 100}))
    seconds = time.monotonic() - began
    assert [len(page["Users"]) for page in pages] == [100] * 50
    assert len({user["UserId"] for page in pages for user in page["Users"]}) == 5000
    assert seconds < 20  # one second on a machine with nothing else to do


def test_twenty_requests_a_second(store: Any) -> None:
    """Ten callers, because one alone may need a second for twenty on a busy machine."""

    def call(_: int) -> None:
        store.list_groups(IdentityStoreId=STORE)

    with refused("ThrottlingException") as throttled, ThreadPoolExecutor(10) as callers:
        list(callers.map(call, range(200)))
    assert throttled.value.response["RetryAfterSeconds"] >= 1


def test_permission_sets(admin: Any) -> None:
    arn = create_permission_set(admin)
    key = {"InstanceArn": INSTANCE, "PermissionSetArn": arn}
    assert arn.startswith("arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-")
    assert admin.describe_permission_set(**key)["PermissionSet"]["SessionDuration"] == "PT1H"
    admin.attach_managed_policy_to_permission_set(**key, ManagedPolicyArn=POLICY)
    attached = admin.list_managed_policies_in_permission_set(**key)["AttachedManagedPolicies"]
    assert [policy["Arn"] for policy in attached] == [POLICY]
    admin.update_permission_set(**key, SessionDuration="PT2H")
    updated = admin.describe_permission_set(**key)["PermissionSet"]
    assert (updated["Name"], updated["SessionDuration"]) == ("Racer", "PT2H")
    with refused("ConflictException"):
        create_permission_set(admin)
    with refused("ResourceNotFoundException"):
        admin.describe_permission_set(InstanceArn=INSTANCE, PermissionSetArn=f"{arn[:-4]}0000")


def test_provisioning_a_permission_set(admin: Any) -> None:
    key = {"InstanceArn": INSTANCE, "PermissionSetArn": create_permission_set(admin)}
    began = admin.provision_permission_set(**key, TargetType="ALL_PROVISIONED_ACCOUNTS")
    status = began["PermissionSetProvisioningStatus"]
    asked = {"InstanceArn": INSTANCE, "ProvisionPermissionSetRequestId": status["RequestId"]}
    ended = admin.describe_permission_set_provisioning_status(**asked)["PermissionSetProvisioningStatus"]
    assert (status["Status"], ended["Status"]) == ("IN_PROGRESS", "SUCCEEDED")


def test_an_assignment_takes_a_moment(store: Any, admin: Any) -> None:
    wanted = assignment(create_group(store), create_permission_set(admin))
    listing = {"InstanceArn": INSTANCE, "AccountId": "444455556666", "PermissionSetArn": wanted["PermissionSetArn"]}
    begun = admin.create_account_assignment(**wanted)["AccountAssignmentCreationStatus"]
    assert begun["Status"] == "IN_PROGRESS"
    assert admin.list_account_assignments(**listing)["AccountAssignments"] == []
    with refused("ConflictException"):
        admin.create_account_assignment(**wanted)
    asked = {"InstanceArn": INSTANCE, "AccountAssignmentCreationRequestId": begun["RequestId"]}

    def status() -> str:
        answer = admin.describe_account_assignment_creation_status(**asked)
        return str(answer["AccountAssignmentCreationStatus"]["Status"])

    wait_until(lambda: status() == "SUCCEEDED")
    assert len(admin.list_account_assignments(**listing)["AccountAssignments"]) == 1
    with refused("ConflictException"):
        admin.delete_permission_set(InstanceArn=INSTANCE, PermissionSetArn=wanted["PermissionSetArn"])
    admin.delete_account_assignment(**wanted)
    wait_until(lambda: admin.list_account_assignments(**listing)["AccountAssignments"] == [])
    with refused("ResourceNotFoundException"):
        admin.delete_account_assignment(**wanted)


def test_assigning_again_makes_no_second_assignment(store: Any, admin: Any) -> None:
    wanted = assignment(create_group(store), create_permission_set(admin))
    listing = {"InstanceArn": INSTANCE, "AccountId": "444455556666", "PermissionSetArn": wanted["PermissionSetArn"]}
    for _ in range(2):
        admin.create_account_assignment(**wanted)
        wait_until(
            lambda: (
                admin.list_account_assignment_creation_status(InstanceArn=INSTANCE, Filter={"Status": "IN_PROGRESS"})[
                    "AccountAssignmentsCreationStatus"
                ]
                == []
            )
        )
    assert len(admin.list_account_assignments(**listing)["AccountAssignments"]) == 1


@pytest.mark.parametrize("field", ["PermissionSetArn", "PrincipalId"])
def test_an_assignment_of_something_unknown_is_refused(store: Any, admin: Any, field: str) -> None:
    wanted = assignment(create_group(store), create_permission_set(admin))
    wanted[field] = wanted[field][:-4] + "0000"
    with refused("ResourceNotFoundException"):
        admin.create_account_assignment(**wanted)


def test_an_account_outside_the_organization_fails_later(sandbox: Sandbox, store: Any, admin: Any) -> None:
    sandbox.seed(identity_center=[{**world.seed()["identity_center"][0], "accounts": ["777788889999"]}])
    wanted = assignment(create_group(store), create_permission_set(admin))
    begun = admin.create_account_assignment(**wanted)["AccountAssignmentCreationStatus"]
    asked = {"InstanceArn": INSTANCE, "AccountAssignmentCreationRequestId": begun["RequestId"]}

    def status() -> dict[str, Any]:
        answer: dict[str, Any] = admin.describe_account_assignment_creation_status(**asked)
        return dict(answer["AccountAssignmentCreationStatus"])

    wait_until(lambda: status()["Status"] == "FAILED")
    assert "not a member of the organization" in status()["FailureReason"]
