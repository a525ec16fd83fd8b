"""Our service model, held against the one that the DeepRacer community recovered, where that is at hand."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from integrations import aws
from integrations.racing.multi_user.racing import MultiUserRacing
from integrations.racing.protocol import Limits, ModelStatus, RaceType, Timing, TrainedModel
from tests.integrations.multi_user_wire import (
    DEFINITION,
    MODEL,
    RACE,
    Call,
    Wire,
    evaluation,
    model,
    racing,
    resources,
    wire,
)
from tests.support.sandbox import ROOT

__all__ = ["racing", "wire"]  # fixtures

COMMUNITY = ROOT.parent / "shared" / "reference" / "botocore"
OURS = Path(aws.__file__).parent / "racing" / "multi_user" / "models"

needs_the_community_model = pytest.mark.skipif(not COMMUNITY.is_dir(), reason="The community's model is not here.")


def load(folder: Path) -> ServiceModel:
    loader = Loader(extra_search_paths=[str(folder)], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model("deepracer", "service-2"), "deepracer")


@pytest.fixture
def requests(wire: Wire, racing: MultiUserRacing) -> list[Call]:
    """Every request that the adapter can make, in every form, as it went over the wire."""
    make_every_request(wire, racing)
    return wire.calls


def make_every_request(wire: Wire, racing: MultiUserRacing) -> None:
    wire.answer("AdminGetAccountConfig", {"MultiracerConfig": {"MultiracerModeEnabled": True}})
    racing.set_active(racing.is_active())
    manage(wire, racing)
    stop_and_delete(wire, racing)
    race(wire, racing)


def manage(wire: Wire, racing: MultiUserRacing) -> None:
    wire.answer("AdminListAssociatedUsers", {"AssociatedUsers": [], "NextToken": "YQ=="}, {"AssociatedUsers": []})
    list(racing.list_profiles())
    racing.set_limits({"user-1": Limits(300, 5), "user-2": Limits(None, None)})
    for act in (racing.pause, racing.resume, racing.remove_profiles, racing.delete_all_models):
        act(["user-1"])


def stop_and_delete(wire: Wire, racing: MultiUserRacing) -> None:
    found = resources("user-1", model("one", "TRAINING"), model("two", "EVALUATING"))
    wire.answer("AdminListAssociatedResources", found | {"NextToken": "YQ=="}, found)
    list(racing.list_all_models())
    wire.answer("ListEvaluations", {"EvaluationJobs": [evaluation("running", "IN_PROGRESS")]})
    racing.stop_jobs(["user-1"])
    racing.delete_models([TrainedModel(f"{MODEL}/one", "user-1", "one", ModelStatus.READY, None, None)])


def race(wire: Wire, racing: MultiUserRacing) -> None:
    wire.answer("ListLeaderboards", {"Leaderboards": []})
    wire.answer("CreateLeaderboard", {"LeaderboardArn": RACE})
    wire.answer("GetLeaderboard", {"Leaderboard": {"Status": "OPEN"}})
    wire.answer("CreateLeaderboardAccessToken", {"AccessToken": "t0k3n"})
    racing.list_tracks()
    racing.create_race(DEFINITION)
    for race_type in RaceType:
        for timing in Timing:
            racing.edit_race(
                RACE, replace(DEFINITION, race_type=race_type, timing=timing, description="one\ntwo " * 99)
            )
    racing.close_race(RACE, DEFINITION)
    racing.rotate_race_token(RACE, expires_at=DEFINITION.closes_at)
    list(racing.list_race_results(RACE))
    racing.delete_race(RACE)


def test_the_model_holds_what_is_used_and_nothing_else(requests: list[Call]) -> None:
    assert {call.operation for call in requests} == set(load(OURS).operation_names)


def test_nobodys_words_are_in_the_model() -> None:
    text = (OURS / "deepracer" / "2019-04-01" / "service-2.json").read_text()
    assert "documentation" not in text
    assert json.loads(text)["metadata"]["serviceFullName"] == "AWS DeepRacer"


@needs_the_community_model
def test_every_request_is_one_that_the_community_knows(requests: list[Call]) -> None:
    community = load(COMMUNITY)
    for call in requests:
        shape = community.operation_model(call.operation).input_shape
        report = ParamValidator().validate(call.body, shape)
        assert not report.has_errors(), f"{call.operation}: {report.generate_report()}"
        assert [*complaints(call.body, shape, call.operation)] == []


@needs_the_community_model
def test_the_wire_is_the_same() -> None:
    names = ["protocol", "jsonVersion", "targetPrefix", "signingName", "signatureVersion", "endpointPrefix"]
    ours, community = load(OURS).metadata, load(COMMUNITY).metadata
    assert {name: ours[name] for name in names} == {name: community[name] for name in names}


@needs_the_community_model
@pytest.mark.parametrize("operation", load(OURS).operation_names)
def test_our_shapes_are_a_part_of_theirs(operation: str) -> None:
    ours, theirs = load(OURS).operation_model(operation), load(COMMUNITY).operation_model(operation)
    assert ours.http == {"method": "POST", "requestUri": "/"}
    assert (theirs.http["method"], theirs.http["requestUri"]) == ("POST", "/")
    assert [*differences(ours.input_shape, theirs.input_shape, operation, is_input=True)] == []
    assert [*differences(ours.output_shape, theirs.output_shape, operation, is_input=False)] == []


def differences(ours: Shape, theirs: Shape, where: str, *, is_input: bool) -> Iterator[str]:
    """Ours may leave members out, but none that a request must have, and may not see any in another way."""
    if ours.type_name != theirs.type_name:
        yield f"{where} is {ours.type_name} instead of {theirs.type_name}"
    elif ours.type_name == "structure":
        yield from differing_members(ours, theirs, where, is_input=is_input)
    elif ours.type_name == "list":
        yield from differences(ours.member, theirs.member, f"{where}[]", is_input=is_input)
    for rule in ("enum", "min", "max", "pattern", "sensitive"):
        if ours.metadata.get(rule) != theirs.metadata.get(rule):
            yield f"{where} has another {rule}: {ours.metadata.get(rule)} instead of {theirs.metadata.get(rule)}"


def differing_members(ours: Any, theirs: Any, where: str, *, is_input: bool) -> Iterator[str]:
    expected = set(theirs.required_members)
    if not is_input:
        expected &= ours.members.keys()
    if set(ours.required_members) != expected:
        yield f"{where} requires {ours.required_members} instead of {sorted(expected)}"
    for name, member in ours.members.items():
        if name not in theirs.members:
            yield f"{where}.{name} does not exist"
        else:
            yield from differences(member, theirs.members[name], f"{where}.{name}", is_input=is_input)


def complaints(value: Any, shape: Any, where: str) -> Iterator[str]:
    """What botocore leaves to the service: longest texts, patterns, values of an enumeration, unknown members."""
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from complaints(member, shape.members[name], f"{where}.{name}")
            else:
                yield f"{where}.{name} does not exist"
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from complaints(item, shape.member, f"{where}[{number}]")
    elif shape.type_name == "string":
        yield from complaints_of_text(value, shape, where)


def complaints_of_text(value: str, shape: Any, where: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{where} is {value!r}, none of {shape.enum}"
    if len(value) > shape.metadata.get("max", len(value)):
        yield f"{where} is too long"
    if not re.search(shape.metadata.get("pattern", ""), value):
        yield f"{where} is {value!r}, not {shape.metadata['pattern']}"
