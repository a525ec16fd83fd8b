"""Items may be anything: each becomes somebody with clean fields, or a sentence."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Intake, IntakeAnswer, Question
from integrations.intake.dynamodb.items import parse_item, read_value, write_item
from participants.domain.answers import check_answers
from participants.domain.intake.mapping import Rules, Unmappable, map_item
from participants.domain.intake.names import name_by_address, split_name

Kind = Question.Kind


def rules(*answers: IntakeAnswer, **fields: Any) -> Rules:
    return Rules(Intake(**fields), list(answers))


def answer(kind: Question.Kind, *, words: dict[str, str] | None = None, attribute: str = "a") -> IntakeAnswer:
    choices = ["Red", "Green, dark", "Blue"] if kind in (Kind.CHOICE, Kind.CHOICES) else []
    question = Question(key="q", label="Which?", kind=kind, choices=choices)
    return IntakeAnswer(attribute=attribute, question=question, words=words or {})


def text(value: str) -> dict[str, Any]:
    return {"S": value}


EMAIL = {"email": text(" Ann.Archer+race@x.example ")}
NAMES: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"firstName": text("Ann"), "lastName": text("Archer")}, ("Ann", "Archer")),
    ({"name": text("Ann Marie Archer")}, ("Ann Marie", "Archer")),
    ({"name": text("van der Berg, Ann")}, ("Ann", "van der Berg")),
    ({"name": text("Cher")}, ("Cher", "Cher")),
    ({"firstName": text("Anna"), "name": text("Ann Bowman")}, ("Anna", "Bowman")),
    ({"firstName": text("Anna")}, ("Anna", "Archer")),
    ({"firstName": {"NULL": True}, "lastName": text("")}, ("Ann", "Archer")),
    ({"firstName": {"N": "7"}, "lastName": text("Of Nine")}, ("7", "Of Nine")),
    ({}, ("Ann", "Archer")),
]


@pytest.mark.parametrize(("item", "names"), NAMES)
def test_names(item: dict[str, Any], names: tuple[str, str]) -> None:
    applicant = map_item(rules(), EMAIL | item)
    assert (applicant.given_name, applicant.family_name) == names
    assert applicant.email == "Ann.Archer+race@x.example"


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("ann.archer@x", ("Ann", "Archer")),
        ("aarcher@x", ("Aarcher", "Aarcher")),
        ("ann-marie_o'hara+2@x", ("Ann-Marie", "O'Hara")),
        ("...@x", ("", "")),
    ],
)
def test_names_by_address(address: str, names: tuple[str, str]) -> None:
    assert name_by_address(address) == names


ANSWERS: list[tuple[IntakeAnswer, dict[str, Any], object]] = [
    (answer(Kind.YES_NO), {"BOOL": True}, True),
    (answer(Kind.YES_NO), text("Yes"), True),
    (answer(Kind.YES_NO), {"N": "1"}, True),
    (answer(Kind.YES_NO), text("0"), False),
    (answer(Kind.YES_NO, words={"J": "yes", "N": "no"}), text("j"), True),
    (answer(Kind.YES_NO, words={"true": "no"}), {"BOOL": True}, False),
    (answer(Kind.NUMBER), {"N": "3.5"}, 3.5),
    (answer(Kind.NUMBER), text("12"), 12),
    (answer(Kind.NUMBER, words={"many": "99"}), text("many"), 99),
    (answer(Kind.CHOICE, words={"r": "Red"}), text("R"), "Red"),
    (answer(Kind.CHOICES), {"SS": ["Red", "Blue"]}, ["Red", "Blue"]),
    (answer(Kind.CHOICES), {"L": [text("Blue")]}, ["Blue"]),
    (answer(Kind.CHOICES), text("Green, dark"), ["Green, dark"]),
    (answer(Kind.CHOICES), text("Red,Blue"), ["Red", "Blue"]),
    (answer(Kind.CHOICES, words={"b": "Blue"}), text("b"), ["Blue"]),
    (answer(Kind.TEXT), {"N": "42"}, "42"),
    (answer(Kind.TEXT), {"NS": ["10", "9"]}, "9, 10"),
    (answer(Kind.TEXT, attribute="a.b.c"), {"M": {"b": {"M": {"c": text("deep")}}}}, "deep"),
    (answer(Kind.TEXT), {"NULL": True}, None),
]


@pytest.mark.parametrize(("rule", "value", "expected"), ANSWERS)
def test_answers(rule: IntakeAnswer, value: dict[str, Any], expected: object) -> None:
    applicant = map_item(rules(rule), EMAIL | {"a": value})
    clean, errors = check_answers([rule.question], applicant.answers)
    assert (clean.get("q"), errors) == (expected, {})


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"mail": text("x")}, "There is no “email”. The item has “mail”."),
    ({}, {"email": {"L": []}}, "“email” is a list; Paddock takes a text there."),
    ({}, {"email": {"BOOL": True}}, "“email” is a yes or no; Paddock takes a text there."),
    ({}, {"email": text("a\0b@x")}, "“email” holds a character that cannot be stored."),
    ({}, {"email": text("a\ud800b@x")}, "“email” holds a character that cannot be stored."),
    ({"names_from_address": False}, EMAIL, "There is no whole name: neither in “firstName” and “lastName” nor in"),
    ({}, EMAIL | {"a": {"M": {}}}, "“a” is a map of parts; Paddock takes single values."),
]


@pytest.mark.parametrize(("fields", "item", "sentence"), REFUSED)
def test_what_cannot_be_understood(fields: dict[str, Any], item: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Unmappable) as refusal:
        map_item(rules(answer(Kind.TEXT), **fields), item)
    assert sentence in str(refusal.value)


any_text = st.text(st.characters(codec=None), max_size=12)  # lone surrogates and NUL included
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**38), max_value=10**38).map(str)
singles = st.one_of(
    any_text.map(text),
    numbers.map(lambda number: {"N": number}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.binary(max_size=8).map(lambda value: {"B": value}),
    st.lists(any_text, min_size=1, max_size=3).map(lambda value: {"SS": value}),
    st.lists(numbers, min_size=1, max_size=3).map(lambda value: {"NS": value}),
    st.lists(st.binary(max_size=3), min_size=1, max_size=3).map(lambda value: {"BS": value}),
)
values = st.recursive(
    singles,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda value: {"L": value}),
        st.dictionaries(any_text, inner, max_size=3).map(lambda value: {"M": value}),
    ),
    max_leaves=6,
)
names = st.sampled_from(["email", "firstName", "lastName", "name", "racerAlias", "a"]) | any_text
items = st.dictionaries(names, values, max_size=6)


@settings(max_examples=40)
@given(item=items, kind=st.sampled_from(list(Kind)))
def test_any_item_is_somebody_or_a_sentence(item: dict[str, Any], kind: Question.Kind) -> None:
    for field in list_texts(item, kind):
        assert "\0" not in field
        field.encode()  # no lone surrogate is left


def list_texts(item: dict[str, Any], kind: Question.Kind) -> list[str]:
    try:
        applicant = map_item(rules(answer(kind)), item)
    except Unmappable as refusal:
        return [str(refusal)]
    answers = json.dumps(applicant.answers, ensure_ascii=False)
    return [applicant.email, applicant.given_name, applicant.family_name, applicant.racer_alias, answers]


@settings(max_examples=40)
@given(item=items)
def test_any_item_can_be_stored_and_read_again(item: dict[str, Any]) -> None:
    stored = write_item(item)
    assert stored.isascii()
    assert "\0" not in stored
    assert write_item(parse_item(stored)) == stored
    for value in parse_item(stored).values():
        json.dumps(read_value(value))


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_a_name_that_is_not_empty_has_both_parts(name: str) -> None:
    given_name, family_name = split_name(name)
    assert (bool(given_name), bool(family_name)) == (bool(name.strip()), bool(name.strip()))
