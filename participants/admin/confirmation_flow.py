"""The pages of a confirmation: the question, the preview, and the way to the progress."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from integrations.errors import IntegrationError
from paddock.audit.actors import because
from paddock.tenancy.admin_base import TenantAdmin
from participants.admin import confirmation_tokens as tokens
from participants.admin.confirmation import BulkAction, Preview, ReasonForm
from participants.admin.confirmation_tokens import Choice
from participants.models import Operation

SHOWN = 50
OF_THE_PAGES = {"csrfmiddlewaretoken", "token", "stage", "typed"}


def name_address(model: type[Model], action: BulkAction) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}_bulk_{action.name}"


def find_address(model: type[Model], action: BulkAction) -> str:
    return reverse(f"admin:{name_address(model, action)}")


@dataclass(frozen=True)
class Flow:
    """One request of a confirmation. The token carries what was chosen, answered and shown from page to page."""

    model_admin: TenantAdmin
    request: HttpRequest
    action: BulkAction

    def begin(self, rows: QuerySet[Any]) -> HttpResponse:
        ids = sorted(rows.order_by().values_list("pk", flat=True).distinct())
        if not ids:
            return self._start_over("Nothing was chosen. Choose on this list first.")
        return self._ask(Choice(ids))

    def go_on(self) -> HttpResponse:
        choice = tokens.read(self.request.POST.get("token", ""), action=self.action.name, request=self.request)
        match choice, self.request.POST.get("stage"):
            case None, _:
                return self._start_over("That page was too old to go on from. Choose again.")
            case Choice(), "preview":
                return self._take_answers(choice)
            case Choice(answers=answers), "rehearse" if answers and self.action.rehearsal:
                return self._rehearse(choice)
            case Choice(answers=answers), "confirm" if answers:
                return self._confirm(choice)
            case Choice(), _:
                return self._ask(choice)

    def _ask(self, choice: Choice, form: ReasonForm | None = None) -> HttpResponse:
        opts, number = self.model_admin.opts, len(choice.rows)
        chosen = f"{number} {opts.verbose_name_plural}" if number > 1 else str(self._rows(choice).first() or "")
        return self._render("form", choice, form=form or self._make_form(choice), chosen=chosen)

    def _take_answers(self, choice: Choice) -> HttpResponse:
        given = {name: self.request.POST.getlist(name) for name in self.request.POST if name not in OF_THE_PAGES}
        choice = replace(choice, answers=given)
        form = self._make_form(choice)
        if not form.is_valid():
            return self._ask(choice, form)
        return self._show(choice, form, self.action.preview(rows=self._rows(choice), answers=form.cleaned_data))

    def _rehearse(self, choice: Choice) -> HttpResponse:
        form, problem = self._make_form(choice), ""
        if not form.is_valid():  # what it offered is gone meanwhile
            return self._ask(choice, form)
        rows, actor = self._rows(choice), cast(AbstractBaseUser, self.request.user)
        try:
            said = self.action.rehearse(rows=rows, answers=form.cleaned_data, actor=actor)
            self.model_admin.message_user(self.request, said, messages.SUCCESS)
        except IntegrationError as error:
            problem = str(error)
        return self._show(choice, form, self.action.preview(rows=rows, answers=form.cleaned_data), problem=problem)

    def _show(self, choice: Choice, form: ReasonForm, preview: Preview, *, problem: str = "") -> HttpResponse:
        choice = replace(choice, digest=preview.digest, mark=tokens.make_mark())
        return self._render(
            "preview",
            choice,
            preview=preview,
            shown=preview.changes[:SHOWN],
            hidden=max(len(preview.changes) - SHOWN, 0),
            has_notes=any(each.note for each in preview.changes[:SHOWN]),
            shown_skipped=preview.skipped[:SHOWN],
            hidden_skipped=max(len(preview.skipped) - SHOWN, 0),
            number=self.action.count_in_words(preview.count),
            illustration=self.action.illustrate(rows=self._rows(choice), answers=form.cleaned_data),
            problem=problem,
            reason=" ".join(choice.answers.get("reason", [])),
            variant="danger" if self.action.is_destructive else "primary",
        )

    def _confirm(self, choice: Choice) -> HttpResponse:
        form = self._make_form(choice)
        if not form.is_valid():  # what it offered is gone meanwhile
            return self._ask(choice, form)
        with because(form.cleaned_data["reason"]), transaction.atomic():
            rows = self._rows(choice)
            _lock(rows)
            preview = self.action.preview(rows=rows, answers=form.cleaned_data)
            if problem := self._find_problem(choice, preview):
                return self._show(choice, form, preview, problem=problem)
            if not tokens.claim(choice):
                return self._finish([], "This was confirmed before; it is not done twice.", messages.WARNING)
            try:
                operations = self.action.perform(
                    rows=rows.filter(pk__in=[each.row_id for each in preview.changes]),
                    answers=form.cleaned_data,
                    actor=cast(AbstractBaseUser, self.request.user),
                )
            except Exception:
                tokens.release(choice)
                raise
        return self._finish(operations, f"{self.action.title}: {self.action.count_in_words(preview.count)}.")

    def _find_problem(self, choice: Choice, preview: Preview) -> str:
        if preview.digest != choice.digest:
            return "Something has changed since you looked. Nothing was done; this is how it stands now."
        if not preview.changes:
            return "There is nothing to do."
        typed = self.request.POST.get("typed", "").strip()
        if self.action.is_destructive and typed != str(preview.count):
            return f"Type {preview.count} to confirm. Nothing was done."
        return ""

    def _finish(
        self, operations: Sequence[Operation], sentence: str, level: int = messages.SUCCESS
    ) -> HttpResponseRedirect:
        """On to the progress: of the one operation, or of several on their list."""
        self.model_admin.message_user(self.request, sentence, level)
        if len(operations) == 1:
            return HttpResponseRedirect(reverse("admin:participants_operation_change", args=[operations[0].pk]))
        return HttpResponseRedirect(
            reverse("admin:participants_operation_changelist") if operations else self._list_address()
        )

    def _start_over(self, why: str) -> HttpResponseRedirect:
        self.model_admin.message_user(self.request, why, messages.WARNING)
        return HttpResponseRedirect(self._list_address())

    def _list_address(self) -> str:
        opts = self.model_admin.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")

    def _rows(self, choice: Choice) -> QuerySet[Any]:
        """Asked anew on every page: whoever lost an event meanwhile has lost its rows."""
        rows: QuerySet[Any] = self.model_admin.get_queryset(self.request).filter(pk__in=choice.rows)
        return rows

    def _make_form(self, choice: Choice) -> ReasonForm:
        answers = QueryDict(mutable=True)
        for name, values in choice.answers.items():
            answers.setlist(name, values)
        return self.action.form_class(answers if choice.answers else None, rows=self._rows(choice))

    def _render(self, page: str, choice: Choice, **context: Any) -> HttpResponse:
        opts = self.model_admin.opts
        return TemplateResponse(
            self.request,
            f"admin/confirmation/{page}.html",
            {
                **self.model_admin.admin_site.each_context(self.request),
                "title": self.action.title,
                "opts": opts,
                "action": self.action,
                "address": find_address(self.model_admin.model, self.action),
                "list_address": self._list_address(),
                "token": tokens.sign(choice, action=self.action.name, request=self.request),
                **context,
            },
        )


def _lock(rows: QuerySet[Any]) -> None:
    """In one order for everybody, so that two who confirm at once wait for each other and not for ever."""
    locked = rows.model._base_manager.filter(pk__in=list(rows.order_by().values_list("pk", flat=True)))
    list(locked.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
