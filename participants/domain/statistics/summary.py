"""What a sponsor asks once an event is over: who came, who was new, how much they trained, and what it cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from events.domain.questions import AI_ML_LEVEL, NEW_TO_AI_ML, NEW_TO_AWS
from events.models import Event, ParticipantGroup, Question
from participants.domain.statistics.breakdowns import (
    COUNTABLE,
    YES,
    break_down_by_answer,
    break_down_by_group,
    read_answer,
)
from participants.domain.statistics.people import Person, list_people
from participants.domain.statistics.segments import Breakdown, Segment, add_up

EVERYBODY = "Everybody"
# What marks a newcomer: the key of the question, and the answer.
NEWCOMERS = {"New to AI and machine learning": (AI_ML_LEVEL, NEW_TO_AI_ML), "New to AWS": (NEW_TO_AWS, YES)}


@dataclass(frozen=True)
class Newcomers:
    """`number` of the `answered` said that they are new; `registered` is everybody."""

    title: str
    number: int
    answered: int
    registered: int


@dataclass(frozen=True)
class Statistics:
    """`newcomers` holds only what the event asks in a way that can be counted."""

    everybody: Segment
    newcomers: list[Newcomers]
    breakdowns: list[Breakdown]


def see_statistics(*, event: Event) -> Statistics:
    """Four queries, however many people, groups and questions there are."""
    people = list_people(event=event)
    groups = list(ParticipantGroup.objects.filter(event=event).order_by("name").values_list("name", flat=True))
    questions = list(Question.objects.filter(event=event, kind__in=COUNTABLE).order_by("position", "id"))
    return Statistics(
        everybody=add_up(EVERYBODY, people),
        newcomers=list(_count_newcomers(people, questions)),
        breakdowns=[
            *([break_down_by_group(people, groups=groups)] if groups else []),
            *(break_down_by_answer(people, question=question) for question in questions),
        ],
    )


def _count_newcomers(people: Sequence[Person], questions: Iterable[Question]) -> Iterable[Newcomers]:
    """Where an organizer took the answer away that newcomers give, nobody can say who is new."""
    by_key = {question.key: question for question in questions}
    for title, (key, answer) in NEWCOMERS.items():
        question = by_key.get(key)
        if question is None or (question.has_choices and answer not in question.choices):
            continue
        given = [read_answer(person.answers, question) for person in people]
        yield Newcomers(title, sum(answer in each for each in given), sum(map(bool, given)), len(people))
