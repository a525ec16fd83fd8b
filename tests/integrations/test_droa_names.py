"""Ids and aliases: always in the shapes that the deployment takes, whatever they are made of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.racing.deepracer_on_aws.names import make_service_id, shape_alias
from integrations.racing.deepracer_on_aws.tracks import list_tracks, track_direction


@given(st.text())
def test_an_id_is_fifteen_letters_and_digits_and_always_the_same(seed: str) -> None:
    service_id = make_service_id(seed)
    assert re.fullmatch(r"[a-z0-9]{15}", service_id)
    assert make_service_id(seed) == service_id


@given(st.lists(st.text(), unique=True, max_size=50))
def test_different_seeds_have_different_ids(seeds: list[str]) -> None:
    assert len({make_service_id(seed) for seed in seeds}) == len(seeds)


def test_an_id_stays_the_same_for_good() -> None:
    """Racers are found again by it, so it must not change with a release."""
    assert make_service_id("participant:1") == "mzvk46dr6cru5dt"


@given(st.text())
def test_an_alias_has_the_shape_that_the_deployment_takes(wish: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{3,20}", shape_alias(wish))


@given(st.from_regex(r"[A-Za-z0-9_]{3,20}", fullmatch=True))
def test_an_alias_of_the_right_shape_stays(wish: str) -> None:
    assert shape_alias(wish) == wish


@pytest.mark.parametrize(
    ("wish", "alias"),
    [
        ("Ann Archer", "Ann-Archer"),
        ("José Núñez", "Jose-Nunez"),
        ("A", "racer-A"),
        ("李雷", "racer"),
        ("", "racer"),
        ("--", "racer"),
        ("ann@contoso.example", "ann-contoso-example"),
        ("x" * 30, "x" * 20),
        ("the nineteen letters of mine", "the-nineteen-letters"),
    ],
)
def test_other_wishes_come_near(wish: str, alias: str) -> None:
    assert shape_alias(wish) == alias


def test_every_track_has_a_name_and_a_direction() -> None:
    tracks = list_tracks()
    assert len({track.service_id for track in tracks}) == len(tracks) == 62
    assert all(track.name for track in tracks)
    assert track_direction("reInvent2019_wide") == "CLOCKWISE"
    assert track_direction("2022_april_open") == "COUNTER_CLOCKWISE"
