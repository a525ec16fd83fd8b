"""The statistics of an event, against numbers counted by hand; and that parts make the whole."""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from events.domain.questions import add_built_in_questions
from events.models import Event, ParticipantGroup, Question
from paddock.money import MICROS
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import end_event
from participants.domain.statistics.breakdowns import (
    NO_ANSWER,
    NO_GROUP,
    break_down_by_answer,
    break_down_by_group,
)
from participants.domain.statistics.people import Person
from participants.domain.statistics.segments import Breakdown, Segment, add_up, divide
from participants.domain.statistics.summary import Newcomers, Statistics, see_statistics
from participants.models import Registration
from tests.admin.stage import Tenant, build_tenant, enter
from tests.support.busy import answer, let_in, use
from tests.support.factories import QuestionFactory


@dataclass(frozen=True)
class Row:
    """Somebody of the example: hours cost 3.50 dollars each."""

    name: str
    group: str
    level: str | None
    is_new: bool | None
    days: list[str]
    got_in: bool
    hours: float


EXAMPLE = [
    Row("ann", "", None, is_new=None, days=[], got_in=False, hours=0),
    Row("bob", "Berlin", "New to it", is_new=True, days=["Tuesday"], got_in=True, hours=2),
    Row("cem", "Berlin", "New to it", is_new=False, days=["Tuesday", "Wednesday"], got_in=True, hours=0),
    Row("dee", "Lisbon", "Expert", is_new=True, days=[], got_in=True, hours=4),
    Row("eve", "Lisbon", "Expert", is_new=None, days=["Wednesday"], got_in=False, hours=0),
]


@pytest.fixture
def contoso(db: None) -> Tenant:
    tenant = build_tenant("Contoso")
    with organization_scope(tenant.organization.pk):
        add_built_in_questions(event=tenant.event)
        QuestionFactory(
            event=tenant.event, key="days", label="Which days?", kind="choices", choices=["Tuesday", "Wednesday"]
        )
        QuestionFactory(event=tenant.event, key="wish", label="Your wish?", kind="text")
    for row in EXAMPLE:
        _enter(tenant, row)
    return tenant


def _enter(tenant: Tenant, row: Row) -> None:
    registration = enter(tenant.event, f"{row.name}@contoso.example")
    answers = {"ai_ml_level": row.level, "new_to_aws": row.is_new, "days": row.days or None}
    answer(registration, **{key: value for key, value in answers.items() if value is not None})
    if row.got_in:
        let_in(registration)
    if row.hours:
        use(registration, row.hours)
    if row.group:
        with organization_scope(tenant.organization.pk):
            group, _ = ParticipantGroup.objects.get_or_create(event=tenant.event, name=row.group)
            Registration.objects.filter(pk=registration.pk).update(group=group)


def see(tenant: Tenant) -> Statistics:
    with organization_scope(tenant.organization.pk):
        return see_statistics(event=tenant.event)


def describe(segment: Segment) -> tuple[str, int, int, int, float, float]:
    hours, dollars = segment.training_seconds / 3600, segment.spent / MICROS
    return segment.name, segment.registered, segment.got_in, segment.trained, hours, dollars


class TestExample:
    def test_everybody(self, contoso: Tenant) -> None:
        everybody = see(contoso).everybody
        assert describe(everybody) == ("Everybody", 5, 3, 2, 6, 21)
        assert everybody.cost_per_trained == 10_500_000
        assert everybody.cost_per_registered == 4_200_000
        assert everybody.seconds_per_trained == 10_800

    def test_newcomers_are_counted_of_those_who_answered(self, contoso: Tenant) -> None:
        assert see(contoso).newcomers == [
            Newcomers("New to AI and machine learning", number=2, answered=4, registered=5),
            Newcomers("New to AWS", number=2, answered=3, registered=5),
        ]

    def test_groups(self, contoso: Tenant) -> None:
        (groups,) = [each for each in see(contoso).breakdowns if each.title == "Group"]
        assert [describe(each) for each in groups.segments] == [
            ("Berlin", 2, 2, 1, 2, 7),
            ("Lisbon", 2, 1, 1, 4, 14),
            (NO_GROUP, 1, 0, 0, 0, 0),
        ]

    def test_answers(self, contoso: Tenant) -> None:
        by_title = {each.title: each for each in see(contoso).breakdowns}
        level = by_title["How well do you know AI and machine learning?"]
        assert [describe(each)[:4] for each in level.segments] == [
            ("New to it", 2, 2, 1),
            ("Some knowledge", 0, 0, 0),
            ("Working with it", 0, 0, 0),
            ("Expert", 2, 1, 1),
            (NO_ANSWER, 1, 0, 0),
        ]
        aws = by_title["Are you new to AWS?"]
        assert [describe(each)[:2] for each in aws.segments] == [("Yes", 2), ("No", 1), (NO_ANSWER, 2)]
        days = by_title["Which days?"]
        assert [describe(each)[:2] for each in days.segments] == [("Tuesday", 2), ("Wednesday", 2), (NO_ANSWER, 2)]
        assert (days.answered, days.is_exclusive) == (3, False)
        assert "Your wish?" not in by_title

    def test_nothing_changes_when_everything_is_taken_back(self, contoso: Tenant) -> None:
        before = see(contoso)
        with organization_scope(contoso.organization.pk):
            end_event(event=contoso.event, keeps_models=False, actor=None, reason="Over")
        assert see(contoso) == before

    def test_queries_do_not_grow(self, contoso: Tenant) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                see(contoso)
            return len(queries)

        few = count()
        for number in range(10):
            _enter(
                contoso,
                Row(f"n{number}", f"Group {number}", "Expert", is_new=True, days=["Tuesday"], got_in=True, hours=1),
            )
        assert count() == few


def test_an_event_that_asks_nothing(db: None) -> None:
    statistics = see(build_tenant("Contoso"))
    assert statistics.newcomers == []
    assert statistics.breakdowns == []
    assert statistics.everybody.cost_per_trained is None


def test_who_is_new_cannot_be_said_once_the_answer_is_gone(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        Question.objects.filter(key="ai_ml_level").update(choices=["None", "Expert"])
    statistics = see(contoso)
    assert [each.title for each in statistics.newcomers] == ["New to AWS"]
    (level,) = [each for each in statistics.breakdowns if each.title.startswith("How well")]
    assert [each.name for each in level.segments] == ["None", "Expert", "New to it", NO_ANSWER]


def test_usage_for_another_event_stays_there(contoso: Tenant) -> None:
    other = build_tenant("Fabrikam")
    use(other.registration, 3)
    assert see(contoso).everybody.training_seconds == 6 * 3600


@pytest.mark.parametrize(("amount", "number", "each"), [(10, 4, 3), (9, 4, 2), (0, 3, 0), (5, 0, None), (1, 2, 1)])
def test_shares_are_rounded_half_up(amount: int, number: int, each: int | None) -> None:
    assert divide(amount, number) == each


GROUPS, CHOICES = ["Berlin", "Lisbon"], ["New to it", "Expert"]
PEOPLE = st.lists(
    st.builds(
        Person,
        group=st.sampled_from(["", *GROUPS, "Former"]),
        answers=st.fixed_dictionaries(
            {},
            optional={
                "level": st.sampled_from([*CHOICES, "Former", "", None]),
                "new": st.sampled_from([True, False, "yes"]),
                "days": st.lists(st.sampled_from(["Tuesday", "Former"])),
            },
        ),
        got_in=st.booleans(),
        training_seconds=st.integers(0, 10**7),
        spent=st.integers(0, 10**12),
    ),
    max_size=40,
)
LEVEL = Question(key="level", label="Level?", kind="choice", choices=CHOICES)
NEW = Question(key="new", label="New?", kind="yes_no")
DAYS = Question(key="days", label="Days?", kind="choices", choices=["Tuesday"])


@given(people=PEOPLE)
def test_parts_make_the_whole(people: list[Person]) -> None:
    whole = add_up("All", people)
    for breakdown in (
        break_down_by_group(people, groups=GROUPS),
        break_down_by_answer(people, question=LEVEL),
        break_down_by_answer(people, question=NEW),
    ):
        assert sum_up(breakdown) == (
            whole.registered,
            whole.got_in,
            whole.trained,
            whole.training_seconds,
            whole.spent,
        )
        silent = sum(each.registered for each in breakdown.segments if each.name == breakdown.silence)
        assert breakdown.answered + silent == len(people)


def sum_up(breakdown: Breakdown) -> tuple[int, ...]:
    rows = [(s.registered, s.got_in, s.trained, s.training_seconds, s.spent) for s in breakdown.segments]
    return tuple(map(sum, zip(*rows, strict=True)))


@given(people=PEOPLE)
def test_whoever_chose_several_stands_in_each_of_them_once(people: list[Person]) -> None:
    breakdown = break_down_by_answer(people, question=DAYS)
    assert all(each.registered <= len(people) for each in breakdown.segments)
    assert sum(each.registered for each in breakdown.segments) >= len(people)


def test_events_do_not_mix(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        other = Event.objects.get(pk=contoso.event.pk)
        other.pk, other.slug = None, "other"
        other.save()
        assert see_statistics(event=other).everybody.registered == 0
