"""A deployment of DeepRacer on AWS by a role in its account: sign-ins without a mail, and jobs that stop."""

from dataclasses import replace
from typing import Any

import pytest

from integrations import aws
from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig
from integrations.racing.deepracer_on_aws.service import DeepRacerOnAws
from integrations.racing.protocol import Limits, ModelStatus, NewRacer
from tests.integrations.test_droa_api import (
    ACCOUNT_ID,
    DEPLOYMENT,
    REGION,
    ROLE,
    advance,
    api,
    both,
    choose_password,
    config,
    join,
    racers,
    train,
)
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

__all__ = ["api", "both", "config"]  # fixtures
ONE_TIME = "One-time-password-1"
(ANN, BEN) = racers(2)


@pytest.fixture
def role(config: DeepRacerOnAwsConfig) -> DeepRacerOnAws:
    """The role alone."""
    return DeepRacerOnAws(replace(config, admin_email="", admin_password=""))


def cognito() -> Any:
    return aws.client(replace(ROLE, region=REGION), "cognito-idp")


def user(racer: NewRacer) -> dict[str, Any]:
    found: dict[str, Any] = cognito().admin_get_user(UserPoolId=DEPLOYMENT["user_pool_id"], Username=racer.service_id)
    return found


def groups(racer: NewRacer) -> list[str]:
    answer = cognito().admin_list_groups_for_user(UserPoolId=DEPLOYMENT["user_pool_id"], Username=racer.service_id)
    return [group["GroupName"] for group in answer["Groups"]]


def only_error(outcomes: Any) -> IntegrationError:
    (error,) = outcomes.values()
    assert isinstance(error, IntegrationError)
    return error


class TestSignIns:
    def test_makes_racers_with_ids_of_our_own_and_mails_nobody(
        self, role: DeepRacerOnAws, api: DeepRacerOnAws, sandbox: Sandbox
    ) -> None:
        assert role.capabilities.creates_profiles
        assert not role.capabilities.invites
        for _ in range(2):
            assert role.create_profiles([ANN, BEN]) == {ANN.service_id: None, BEN.service_id: None}
        found = api.find_profiles([ANN.service_id, BEN.service_id])
        assert {(p.alias, p.email) for p in found.values()} == {(r.alias, r.email) for r in (ANN, BEN)}
        assert groups(ANN) == ["dr-racers"]
        assert {item["Name"]: item["Value"] for item in user(ANN)["UserAttributes"]}["email_verified"] == "true"
        assert sandbox.mailbox() == []

    def test_aliases_are_brought_into_shape(self, role: DeepRacerOnAws, api: DeepRacerOnAws) -> None:
        assert role.create_profiles([replace(ANN, alias="Ann of the Ärcher")]) == {ANN.service_id: None}
        assert api.find_profiles([ANN.service_id])[ANN.service_id].alias == "Ann-of-the-Archer"

    def test_an_address_of_somebody_else_is_refused(self, role: DeepRacerOnAws, api: DeepRacerOnAws) -> None:
        api.create_profiles([ANN])
        for email in (ANN.email, ANN.email.upper()):
            outcomes = role.create_profiles([replace(ANN, email=email), BEN])
            error = outcomes[ANN.service_id]
            assert error is not None
            assert (error.permanent, error.code) == (True, "EmailExists")
            assert "another address" in error.message
            assert outcomes[BEN.service_id] is None
        assert api.find_profiles([ANN.service_id]) == {}

    def test_an_id_of_the_wrong_shape_is_refused(self, role: DeepRacerOnAws) -> None:
        error = only_error(role.create_profiles([replace(ANN, service_id="short")]))
        assert error.permanent
        assert "did not accept" in error.message

    def test_first_passwords_are_set_until_racers_choose_their_own(self, role: DeepRacerOnAws) -> None:
        role.create_profiles([ANN, BEN])
        choose_password(BEN)
        for _ in range(2):
            outcomes = role.set_passwords({ANN.service_id: ONE_TIME, BEN.service_id: ONE_TIME})
            assert outcomes[ANN.service_id] is None
            error = outcomes[BEN.service_id]
            assert error is not None
            assert (error.permanent, error.code) == (True, "AlreadySignedIn")
        assert user(ANN)["UserStatus"] == "FORCE_CHANGE_PASSWORD"

    def test_a_first_password_must_be_changed(self, role: DeepRacerOnAws, config: DeepRacerOnAwsConfig) -> None:
        role.create_profiles([ANN])
        role.set_passwords({ANN.service_id: ONE_TIME})
        hasty = DeepRacerOnAws(replace(config, admin_email=ANN.email, admin_password=ONE_TIME))
        with pytest.raises(IntegrationError, match="one-time password"):
            next(hasty.list_profiles())

    def test_weak_passwords_and_unknown_racers_harm_nobody_else(self, role: DeepRacerOnAws) -> None:
        role.create_profiles([ANN, BEN])
        outcomes = role.set_passwords({ANN.service_id: "weak", "nobody123456789": ONE_TIME, BEN.service_id: ONE_TIME})
        weak, unknown = outcomes[ANN.service_id], outcomes["nobody123456789"]
        assert weak is not None
        assert weak.permanent
        assert unknown is not None
        assert (unknown.permanent, unknown.code) == (True, "UserNotFoundException")
        assert outcomes[BEN.service_id] is None

    def test_locks_out_and_lets_in_again(self, role: DeepRacerOnAws) -> None:
        assert not role.capabilities.deletes_profiles
        role.create_profiles([ANN])
        for _ in range(2):
            removed = role.remove_profiles([ANN.service_id, "nobody123456789"])
            assert removed == {ANN.service_id: None, "nobody123456789": None}
        assert user(ANN)["Enabled"] is False
        assert role.create_profiles([ANN]) == {ANN.service_id: None}
        assert user(ANN)["Enabled"] is True

    def test_a_role_that_is_refused_is_everybodys_outcome(self, config: DeepRacerOnAwsConfig) -> None:
        refused = DeepRacerOnAws(replace(config, access=replace(ROLE, external_id="wrong")))
        outcomes = refused.create_profiles([ANN, BEN])
        assert {error.permanent for error in outcomes.values() if error} == {True}
        with pytest.raises(IntegrationError, match="assume the role"):
            refused.identify()

    def test_identifies_the_account(self, role: DeepRacerOnAws) -> None:
        assert role.identify() == ACCOUNT_ID

    def test_a_profile_that_lost_its_user_is_told(self, both: DeepRacerOnAws) -> None:
        both.create_profiles([ANN, BEN])
        cognito().admin_delete_user(UserPoolId=DEPLOYMENT["user_pool_id"], Username=ANN.service_id)
        outcomes = both.remove_profiles([ANN.service_id, BEN.service_id])
        error = outcomes[ANN.service_id]
        assert error is not None
        assert (error.permanent, error.code) == (True, "HalfDeleted")
        assert "spring-DeepRacerIndy.Main" in error.message
        assert outcomes[BEN.service_id] is None


@pytest.fixture
def racing(role: DeepRacerOnAws, both: DeepRacerOnAws, sandbox: Sandbox) -> DeepRacerOnAws:
    """Two racers with a quota who have signed in, and both ways in."""
    role.create_profiles([ANN, BEN])
    join(sandbox, ANN, BEN)
    both.set_limits(dict.fromkeys((ANN.service_id, BEN.service_id), Limits(1000, 10)))
    return both


class TestJobs:
    def test_stops_what_runs(self, racing: DeepRacerOnAws, sandbox: Sandbox) -> None:
        assert racing.capabilities.stops_jobs
        train(sandbox, ANN.service_id, minutes=600)
        advance(sandbox, 10)
        assert racing.stop_jobs([ANN.service_id, BEN.service_id]) == {ANN.service_id: 1, BEN.service_id: 0}
        advance(sandbox, 2)
        assert racing.stop_jobs([ANN.service_id]) == {ANN.service_id: 0}
        profile = racing.find_profiles([ANN.service_id])[ANN.service_id]
        assert 600 <= profile.used_seconds <= 780
        assert profile.queued_seconds == 0

    def test_jobs_that_wait_are_stopped_when_they_have_started(self, racing: DeepRacerOnAws, sandbox: Sandbox) -> None:
        sandbox.seed(deepracer_on_aws=[DEPLOYMENT | {"job_quota": 1}])
        train(sandbox, BEN.service_id, minutes=60)
        train(sandbox, ANN.service_id, minutes=600)
        error = only_error(racing.stop_jobs([ANN.service_id]))
        assert (error.permanent, error.code) == (False, "Queued")
        advance(sandbox, 70)
        assert racing.stop_jobs([ANN.service_id]) == {ANN.service_id: 1}

    def test_a_job_that_has_just_ended_is_success(self, racing: DeepRacerOnAws, sandbox: Sandbox) -> None:
        train(sandbox, ANN.service_id, minutes=10)
        advance(sandbox, 30)
        assert racing.stop_jobs([ANN.service_id]) == {ANN.service_id: 0}


class TestModels:
    def test_reads_models_with_their_sizes_and_without_the_api(
        self, racing: DeepRacerOnAws, role: DeepRacerOnAws, sandbox: Sandbox
    ) -> None:
        train(sandbox, ANN.service_id, minutes=10, model="first")
        advance(sandbox, 30)
        train(sandbox, ANN.service_id, minutes=10, model="second")
        models = {model.name: model for model in role.list_models(ANN.service_id)}
        assert {name: model.status for name, model in models.items()} == {
            "first": ModelStatus.READY,
            "second": ModelStatus.WORKING,
        }
        assert models["first"].size_bytes
        assert models["first"].created_at
        assert models["second"].size_bytes is None
        assert role.list_models(BEN.service_id) == []
        assert {m.name for page in racing.list_all_models() for m in page} == {"first", "second"}
        assert "ListModelsForProfile" not in sandbox.calls()["droa"]

    def test_nothing_is_left_at_the_end(self, racing: DeepRacerOnAws, sandbox: Sandbox) -> None:
        """The order that leaves no job running unseen."""
        everybody = [ANN.service_id, BEN.service_id]
        train(sandbox, *everybody, minutes=600)
        advance(sandbox, 5)
        assert set(racing.set_limits(dict.fromkeys(everybody, Limits(0, 0))).values()) == {None}
        assert set(racing.stop_jobs(everybody).values()) == {1}
        advance(sandbox, 2)
        assert set(racing.delete_all_models(everybody).values()) == {None}
        wait_until(lambda: not any(racing.list_models(racer) for racer in everybody))
        assert set(racing.remove_profiles(everybody).values()) == {None}
        assert racing.find_profiles(everybody) == {}
        assert sum(len(page) for page in racing.list_profiles()) == 1
