"""What is done to many rows at once, described: what it asks, who would change and how, and how it is done.

Every such deed goes one way: choose, say why, see who changes and by how much, confirm what was shown, watch the
progress. `confirmation_flow` leads along it; a deed is a `BulkAction` that stands in an admin's `bulk_actions`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminTextInputWidget

from paddock.tenancy.models import Membership
from participants.models import Operation


class ReasonForm(forms.Form):
    """Why it is done. Forms that ask more extend this one; `rows` are those that were chosen."""

    reason = forms.CharField(
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="One sentence for whoever asks later. It is kept with the operation and in the audit trail.",
    )

    def __init__(self, *args: Any, rows: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])


@dataclass(frozen=True)
class Change:
    """What becomes of one chosen row. `note` may move by itself meanwhile, such as minutes used: it binds nobody."""

    row_id: int
    who: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True)
class Skipped:
    """A chosen row that stays as it is."""

    who: str
    why: str


@dataclass(frozen=True)
class Preview:
    """All that would happen. `number` says how much that is where it is not one for each change: models of racers."""

    changes: Sequence[Change]
    skipped: Sequence[Skipped] = ()
    warnings: Sequence[str] = ()
    number: int | None = None

    @property
    def count(self) -> int:
        return len(self.changes) if self.number is None else self.number

    @property
    def digest(self) -> str:
        """What was shown, in short: whoever confirms it confirms this and nothing else."""
        binding = [(each.row_id, each.who, each.before, each.after) for each in self.changes]
        told = json.dumps([sorted(binding), self.count])
        return hashlib.sha256(told.encode()).hexdigest()


class BulkAction:
    """Something that is done to many rows of one model.

    `preview` runs twice, once to be shown and once more, with the rows locked, to be confirmed. `perform` gets the
    rows that change alone, inside that transaction. A destructive action has the person type how many it is.
    """

    name: str  # part of its address, in letters and underscores: pause
    label: str  # on buttons, with an ellipsis, because a question follows: Pause…
    title: str  # of its pages: Pause racers
    explanation: str  # what it does, and what it does not
    icon: str = "edit"
    show: str = "Show who changes"  # on the first page
    nobody: str = "Nobody changes."  # on the next one, where that is so
    button: str  # on the last page: Pause
    form_class: type[ReasonForm] = ReasonForm
    headings: tuple[str, str] = ("Now", "Then")  # over `before` and `after`
    counted: tuple[str, str] = ("person", "people")  # what `count` counts: one, many
    role: Membership.Role = Membership.Role.ORGANIZER
    is_destructive: bool = False
    caution: str = "This cannot be undone."  # before a destructive one
    is_on_list: bool = True  # otherwise its buttons alone lead to it
    rehearsal: str = ""  # on a button of the preview, where it can be tried first: Send a test to me

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        """With a constant number of queries. `answers` are the form's cleaned data."""
        raise NotImplementedError

    def illustrate(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> str:
        """HTML that shows more of what would happen, such as the mail that would go out."""
        return ""

    def rehearse(self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser) -> str:
        """Try it without doing it. Returns a sentence that says what came of it. Raises IntegrationError."""
        raise NotImplementedError

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        """Do it, with its audit entry. Returns the operations that carry it; none where it is over at once."""
        raise NotImplementedError

    def count_in_words(self, number: int) -> str:
        one, many = self.counted
        return f"{number} {one if number == 1 else many}"
