"""Profiles of DeepRacer on AWS over its REST API: invitations, quotas, groups, settings, deletion."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.droa import world
from tests.sandbox.droa.racers import control, racer_id
from tests.sandbox.droa.world import Account, Api, model_definition
from tests.support.sandbox import Sandbox

ANN = "ann@contoso.example"


def test_an_invitation_says_no_id_and_works(deployment: Sandbox, admin: Api) -> None:
    answer = admin.call("POST", "/profile", {"emailAddress": ANN})
    assert (answer.status_code, set(answer.json())) == (200, {"message"})
    profile = admin.profile(ANN)
    assert (profile["alias"], profile["roleName"], len(profile["profileId"])) == ("RacerAlias", "dr-racers", 15)
    mail = deployment.mailbox(to=ANN)[0]
    assert (mail["provider"], profile["profileId"] in mail["text"]) == ("cognito", True)
    assert f"{deployment.url}{world.SITE}/" in mail["html"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("no address", "Invalid email address format."),
        (world.ADMIN.upper(), "A user with this email address already exists."),
    ],
)
def test_an_invitation_is_refused(admin: Api, address: str, message: str) -> None:
    answer = admin.call("POST", "/profile", {"emailAddress": address})
    assert (answer.status_code, answer.json()) == (400, {"message": message})


def test_profiles_come_by_the_hundred(deployment: Sandbox, admin: Api) -> None:
    for number in range(99):
        admin.call("POST", "/profile", {"emailAddress": f"racer{number}@contoso.example"})
    # The database cannot tell that a full page was the last.
    assert [len(rows) for rows in admin.pages("/profiles", "profiles")] == [100, 0]
    admin.call("POST", "/profile", {"emailAddress": ANN})
    assert [len(rows) for rows in admin.pages("/profiles", "profiles")] == [100, 1]
    assert admin.call("GET", "/profiles?token=nonsense").status_code == 500
    assert len(admin.call("GET", "/admin/profiles").json()["profiles"]) == 101


def test_an_administrator_sets_quotas(admin: Api, make_racer: Callable[[str], Api]) -> None:
    racer = make_racer("ann")
    body = {"profileId": racer_id("ann"), "maxTotalComputeMinutes": 90, "maxModelCount": 2, "computeMinutesUsed": 5}
    answer = admin.call("PATCH", "/profile", body)
    assert answer.json()["profile"]["maxTotalComputeMinutes"] == 90
    profile = racer.call("GET", "/profile").json()["profile"]
    assert (profile["maxTotalComputeMinutes"], profile["maxModelCount"]) == (90, 2)
    assert (profile["computeMinutesUsed"], "roleName" in profile) == (0, False)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"maxTotalComputeMinutes": 1}, "Non-admin user"),
        ({"profileId": racer_id("bob"), "alias": "Stolen"}, "Admin permission required"),
        ({"computeMinutesUsed": 0}, "At least one valid field"),
        ({}, "At least one valid field"),
    ],
)
def test_what_a_racer_may_not_is_a_bad_request(
    make_racer: Callable[[str], Api], body: dict[str, Any], message: str
) -> None:
    answer = make_racer("ann").call("PATCH", "/profile", body)
    assert (answer.status_code, message in answer.json()["message"]) == (400, True)


def test_a_profile_that_is_not_there_is_an_error_without_words(admin: Api) -> None:
    body = {"profileId": "unknownunknown1", "maxModelCount": 1}
    for answer in (admin.call("PATCH", "/profile", body), admin.call("DELETE", "/profiles/unknownunknown1")):
        assert (answer.status_code, answer.json()) == (500, {})


def test_a_new_role_applies_from_the_next_sign_in(
    deployment: Sandbox, admin: Api, make_racer: Callable[[str], Api]
) -> None:
    racer = make_racer("ann")
    body = {"profileId": racer_id("ann"), "targetUserPoolGroup": "dr-race-facilitators"}
    assert admin.call("PUT", "/profile/role", body).status_code == 200
    assert admin.profile(ANN)["roleName"] == "dr-race-facilitators"
    assert racer.call("GET", "/admin/profiles").status_code == 403
    assert Api(deployment, ANN).call("GET", "/admin/profiles").status_code == 200
    unknown = {**body, "profileId": "unknownunknown1"}
    assert admin.call("PUT", "/profile/role", unknown).status_code == 500


def test_a_deleted_profile_takes_user_and_models_along(
    deployment: Sandbox, admin: Api, account: Account, make_racer: Callable[[str], Api]
) -> None:
    racer = make_racer("ann")
    racer.call("POST", "/models", {"modelDefinition": model_definition()})
    assert admin.call("DELETE", f"/profiles/{racer_id('ann')}").status_code == 200
    assert ANN not in admin.profiles()
    assert admin.call("GET", f"/admin/profiles/{racer_id('ann')}/models").json() == {"models": []}
    assert account.cognito.list_users(UserPoolId=world.POOL, Filter=f'email = "{ANN}"')["Users"] == []
    # Its training runs on, unseen.
    jobs = account.client("sagemaker").list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
    assert len(jobs) == 1
    assert admin.call("DELETE", f"/profiles/{racer_id('ann')}").status_code == 500


def test_a_profile_whose_user_is_gone_cannot_be_deleted(
    admin: Api, account: Account, make_racer: Callable[[str], Api]
) -> None:
    make_racer("ann")
    account.cognito.admin_delete_user(UserPoolId=world.POOL, Username=racer_id("ann"))
    assert admin.call("DELETE", f"/profiles/{racer_id('ann')}").status_code == 500
    assert ANN in admin.profiles()


def test_all_models_are_deleted_at_once(deployment: Sandbox, admin: Api, make_racer: Callable[[str], Api]) -> None:
    racer = make_racer("ann")
    for _ in range(2):
        racer.call("POST", "/models", {"modelDefinition": model_definition(minutes=10)})
    control(deployment, "advance", minutes=11)
    racer.call("POST", "/models", {"modelDefinition": model_definition()})
    models = admin.call("GET", f"/admin/profiles/{racer_id('ann')}/models").json()["models"]
    assert sorted(model["status"] for model in models) == ["READY", "READY", "TRAINING"]
    assert admin.profile(ANN)["modelStorageUsage"] > 0
    assert admin.call("DELETE", f"/profiles/{racer_id('ann')}/models").status_code == 200
    assert admin.call("GET", f"/admin/profiles/{racer_id('ann')}/models").json() == {"models": []}
    profile = admin.profile(ANN)
    assert (profile["modelStorageUsage"], profile["modelCount"]) == (0, 3)


def test_settings_have_dotted_names(admin: Api) -> None:
    limits = {"newUserComputeMinutesLimit": 0, "newUserModelCountLimit": "3"}
    assert admin.call("PUT", "/settings/usageQuotas.newUser", {"value": limits}).json() == {}
    assert admin.call("GET", "/settings/usageQuotas.newUser").json() == {"value": limits}
    name = "usageQuotas.newUser.newUserComputeMinutesLimit"
    assert admin.call("GET", f"/settings/{name}").json() == {"value": 0}
    admin.call("POST", "/profile", {"emailAddress": ANN})
    profile = admin.profile(ANN)
    assert (profile["maxTotalComputeMinutes"], profile["maxModelCount"]) == (0, 3)
    assert admin.profile(world.ADMIN)["maxTotalComputeMinutes"] == -1
    assert admin.call("GET", "/settings/usageQuotas.nothing").status_code == 404


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("usageQuotas.newUser.newUserComputeMinutesLimit", -2),
        ("usageQuotas.newUser.newUserComputeMinutesLimit", 1.5),
        ("usageQuotas.newUser.newUserComputeMinutesLimit", True),
        ("usageQuotas.newUser", {"newUserComputeMinutesLimit": 1}),
        ("usageQuotas.nothing", 1),
        ("registration.type", "open"),
        ("nothing", 1),
    ],
)
def test_a_setting_of_the_wrong_shape_is_refused(admin: Api, key: str, value: Any) -> None:
    answer = admin.call("PUT", f"/settings/{key}", {"value": value})
    assert (answer.status_code, answer.json()) == (400, {"message": "Invalid request structure"})
