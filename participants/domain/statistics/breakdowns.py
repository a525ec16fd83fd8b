"""People by their group, and by what they answered."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from events.models import Question
from participants.domain.statistics.people import Person
from participants.domain.statistics.segments import Breakdown, add_up

NO_GROUP = "In no group"
NO_ANSWER = "Did not answer"
YES, NO = "Yes", "No"
COUNTABLE = (Question.Kind.CHOICE, Question.Kind.CHOICES, Question.Kind.YES_NO)


def break_down_by_group(people: Sequence[Person], *, groups: Sequence[str]) -> Breakdown:
    return _break_down("Group", people, lambda person: [person.group] if person.group else [], groups, NO_GROUP)


def break_down_by_answer(people: Sequence[Person], *, question: Question) -> Breakdown:
    """Of a question with choices. Answers that are no choice any more come after those that are."""
    names = [YES, NO] if question.kind == Question.Kind.YES_NO else question.choices
    several = question.kind == Question.Kind.CHOICES
    return _break_down(
        question.label,
        people,
        lambda person: read_answer(person.answers, question),
        names,
        NO_ANSWER,
        is_exclusive=not several,
    )


def read_answer(answers: Mapping[str, Any], question: Question) -> list[str]:
    """What was chosen, in words; nothing where the question was not answered, or was of another kind then."""
    answer = answers.get(question.key)
    if question.kind == Question.Kind.YES_NO:
        return [YES if answer else NO] if isinstance(answer, bool) else []
    if isinstance(answer, list):
        return [each for each in dict.fromkeys(answer) if isinstance(each, str)]
    return [answer] if isinstance(answer, str) and answer else []


def _break_down(
    title: str,
    people: Sequence[Person],
    find_names: Callable[[Person], Iterable[str]],
    known: Sequence[str],
    silence: str,
    *,
    is_exclusive: bool = True,
) -> Breakdown:
    members: dict[str, list[Person]] = defaultdict(list)
    silent = []
    for person in people:
        names = list(find_names(person))
        for name in names:
            members[name].append(person)
        if not names:
            silent.append(person)
    former = sorted(set(members) - set(known))
    segments = [add_up(name, members[name]) for name in [*dict.fromkeys(known), *former]]
    if silent:
        segments.append(add_up(silence, silent))
    return Breakdown(title, segments, len(people) - len(silent), silence, is_exclusive)
