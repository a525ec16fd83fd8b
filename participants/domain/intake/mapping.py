"""From an item of a portal's table to somebody who wants to register."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from events.models import Intake, IntakeAnswer, Question
from integrations.intake.dynamodb.items import Item, Value, read_value
from participants.domain.applicants import Applicant
from participants.domain.intake.names import name_by_address, split_name

_TRUE, _FALSE = {"yes", "y", "true", "1", "on"}, {"no", "n", "false", "0", "off"}
_KINDS = {bool: "a yes or no", list: "a list", dict: "a map", int: "a number", float: "a number"}
LONGEST_NAME = 40


class Unmappable(Exception):
    """A sentence for the organizer: what about the item cannot be understood."""


@dataclass(frozen=True)
class Rules:
    """How the items of a table are read: loaded once, for many."""

    intake: Intake
    answers: list[IntakeAnswer]


def load_rules(intake: Intake) -> Rules:
    return Rules(intake, list(intake.answers.select_related("question").order_by("id")))


def map_item(rules: Rules, item: Item) -> Applicant:
    """Raises Unmappable. What the event's own rules say of the result, `register` tells."""
    intake = rules.intake
    email = _read_text(item, intake.email_attribute)
    if not email:
        raise Unmappable(f"There is no “{intake.email_attribute}”. The item has {_list_names(item)}.")
    given_name, family_name = _find_names(intake, item, email)
    return Applicant(
        email=email,
        given_name=given_name,
        family_name=family_name,
        racer_alias=_read_text(item, intake.alias_attribute),
        answers=_find_answers(rules.answers, item),
    )


def _find_names(intake: Intake, item: Item, email: str) -> tuple[str, str]:
    given_name = _read_text(item, intake.given_name_attribute)
    family_name = _read_text(item, intake.family_name_attribute)
    if not (given_name and family_name) and (whole := _read_text(item, intake.full_name_attribute)):
        split = split_name(whole)
        given_name, family_name = given_name or split[0], family_name or split[1]
    if not (given_name and family_name) and intake.names_from_address:
        split = name_by_address(email)
        given_name, family_name = given_name or split[0], family_name or split[1]
    if not (given_name and family_name):
        raise Unmappable(
            f"There is no whole name: neither in “{intake.given_name_attribute}” and “{intake.family_name_attribute}” "
            f"nor in “{intake.full_name_attribute}”. The item has {_list_names(item)}."
        )
    return given_name, family_name


def _find_answers(answers: Iterable[IntakeAnswer], item: Item) -> dict[str, object]:
    found = {each.question.key: _find_answer(each, _read(item, each.attribute)) for each in answers}
    return {key: answer for key, answer in found.items() if answer not in (None, "", [])}


def _find_answer(rule: IntakeAnswer, value: Value) -> object:
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, list | dict) for each in value)):
        raise Unmappable(f"“{rule.attribute}” is {_KINDS[type(value)]} of parts; Paddock takes single values.")
    words = {str(word).casefold(): str(meaning) for word, meaning in rule.words.items()}
    kind = Question.Kind(rule.question.kind)
    if kind is Question.Kind.CHOICES:
        return [_translate(each, words, rule.attribute) for each in _split(value, rule.question, words)]
    if isinstance(value, list):
        if kind is not Question.Kind.TEXT:
            raise Unmappable(f"“{rule.attribute}” is a list; “{rule.question}” takes one answer.")
        return ", ".join(_translate(each, words, rule.attribute) for each in value)
    if value is None:
        return None
    text = _translate(value, words, rule.attribute)
    if kind is Question.Kind.YES_NO:
        return _to_yes_or_no(text)
    is_number = isinstance(value, int | float) and text == _to_text(value)
    return value if kind is Question.Kind.NUMBER and is_number else text


def _split(value: Value, question: Question, words: Mapping[str, str]) -> list[Value]:
    """Portals store several choices as a list, a set or a text with commas."""
    if isinstance(value, list):
        return value
    if isinstance(value, str) and value not in question.choices and value.strip().casefold() not in words:
        return [part.strip() for part in value.split(",") if part.strip()]
    return [] if value is None else [value]


def _translate(value: Value, words: Mapping[str, str], attribute: str) -> str:
    text = _check_text(_to_text(value), attribute)
    return words.get(text.casefold(), text)


def _to_yes_or_no(text: str) -> bool | str:
    """What is neither is left for the event's rules to refuse in their words."""
    word = text.casefold()
    return True if word in _TRUE else False if word in _FALSE else text


def _read_text(item: Item, attribute: str) -> str:
    value = _read(item, attribute)
    if isinstance(value, list | dict | bool):
        raise Unmappable(f"“{attribute}” is {_KINDS[type(value)]}; Paddock takes a text there.")
    return _check_text(_to_text(value), attribute)


def _check_text(text: str, attribute: str) -> str:
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise Unmappable(f"“{attribute}” holds a character that cannot be stored.")
    return text.strip()


def _to_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _read(item: Item, attribute: str) -> Value:
    """By its name or, within maps, by a path of names with dots."""
    if not attribute:
        return None
    if attribute in item:
        return read_value(item[attribute])
    first, dot, rest = attribute.partition(".")
    inner = item.get(first, {}).get("M")
    return _read(inner, rest) if dot and isinstance(inner, Mapping) else None


def _list_names(item: Item) -> str:
    """A portal may have named them with anything."""
    names = ("".join(filter(str.isprintable, name[:LONGEST_NAME])) for name in sorted(item)[:8])
    return ", ".join(f"“{name}”" for name in names) or "no attributes"
