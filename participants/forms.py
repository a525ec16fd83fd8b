"""The registration form. It shows and collects; the domain alone judges what was typed."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.forms.utils import ErrorList
from django.http import QueryDict

from events.models import Event, Question
from participants.domain.applicants import Applicant, InvalidRegistration
from participants.domain.ownership import Visitor

MANY_CHOICES = 6  # from here on radio buttons are a wall, and a list is kinder
ANSWER_PREFIX = "answers-"


class TypedField(forms.Field):
    """Passes on what was typed, whether or not it is required."""

    def clean(self, value: Any) -> Any:
        return value


class FormError(NamedTuple):
    """`anchor` is the id of the control to go to."""

    anchor: str
    label: str
    sentence: str


class RegistrationForm(forms.Form):
    """An event's form, unbound or with what somebody typed. What a visitor's provider tells is fixed."""

    email = TypedField(
        label="E-mail address",
        help_text="The one that you sign in with at work.",
        widget=forms.EmailInput({"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
    )
    given_name = TypedField(label="Given name", widget=forms.TextInput({"autocomplete": "given-name"}))
    family_name = TypedField(label="Family name", widget=forms.TextInput({"autocomplete": "family-name"}))
    racer_alias = TypedField(
        label="Racer alias",
        help_text="Your name on the leaderboard, if you have one in DeepRacer already.",
        required=False,
        widget=forms.TextInput({"autocomplete": "nickname", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, event: Event, data: QueryDict | None = None, *, visitor: Visitor | None = None) -> None:
        told = _list_told(visitor) if visitor else {}
        super().__init__(None if data is None else _overrule(data, told), initial=told)
        if event.allowed_email_domains:
            self.fields["email"].help_text = f"Your address at {' or '.join(event.allowed_email_domains)}."
        for name in told:
            self.fields[name].help_text, self.fields[name].required = "From your company account.", False
            self.fields[name].widget.attrs["readonly"] = True
        self.questions = list(event.questions.all())
        self.fields |= {name_answer(question.key): make_field(question) for question in self.questions}

    @property
    def applicant(self) -> Applicant:
        """Who wants to register, of a form with data."""
        self.full_clean()
        personal = ("email", "given_name", "family_name", "racer_alias")
        return Applicant(
            **{name: self.cleaned_data.get(name) or "" for name in personal},
            answers={question.key: self.cleaned_data[name_answer(question.key)] for question in self.questions},
        )

    def show_errors(self, invalid: InvalidRegistration) -> None:
        """Put the domain's sentences where they belong."""
        for name, sentences in invalid.errors.items():
            self.errors[name] = ErrorList(sentences)
        for key, sentences in invalid.answers.items():
            self.errors[name_answer(key)] = ErrorList(sentences)

    @property
    def summary(self) -> Iterable[FormError]:
        """All errors in the order of the form."""
        for field in self:
            anchor = f"{field.auto_id}_0" if field.use_fieldset else field.auto_id
            for sentence in field.errors:
                yield FormError(anchor, str(field.label), str(sentence))


def _list_told(visitor: Visitor) -> dict[str, str]:
    """What the identity provider says of somebody, by field."""
    told = {"email": visitor.email, "given_name": visitor.given_name, "family_name": visitor.family_name}
    return {name: value for name, value in told.items() if value}


def _overrule(data: QueryDict, told: Mapping[str, str]) -> QueryDict:
    """What the identity provider says can be seen, and not be changed."""
    overruled = data.copy()
    for name, value in told.items():
        overruled[name] = value
    return overruled


def name_answer(key: str) -> str:
    return f"{ANSWER_PREFIX}{key}"


def make_field(question: Question) -> TypedField:
    return TypedField(
        label=question.label,
        help_text=question.help_text,
        required=question.required,
        widget=_make_widget(question),
    )


def _make_widget(question: Question) -> forms.Widget:
    choices = [(choice, choice) for choice in question.choices]
    match Question.Kind(question.kind):
        case Question.Kind.CHOICE if len(choices) >= MANY_CHOICES:
            return forms.Select(choices=[("", "Choose one"), *choices])
        case Question.Kind.CHOICE:
            return forms.RadioSelect(choices=choices)
        case Question.Kind.CHOICES:
            return forms.CheckboxSelectMultiple(choices=choices)
        case Question.Kind.YES_NO:
            return forms.RadioSelect(choices=[("yes", "Yes"), ("no", "No")])
        case Question.Kind.NUMBER:
            return forms.TextInput({"inputmode": "decimal"})
        case Question.Kind.TEXT:
            return forms.Textarea({"rows": 3})
