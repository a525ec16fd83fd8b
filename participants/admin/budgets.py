"""Budgets: what may be spent, what happens on the way there, and how to go on."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from unfold.decorators import action

from events.models import Budget, Threshold
from paddock.audit.recording import record
from paddock.money import show_dollars
from paddock.tenancy.admin_base import TenantAdmin, TenantTabularInline, may, show_label
from paddock.tenancy.models import Membership
from participants.admin.actions import return_to
from participants.admin.budget_forms import (
    AmountDialog,
    ArmDialog,
    BudgetForm,
    ThresholdForm,
    ThresholdFormSet,
    UnfreezeDialog,
)
from participants.admin.budget_panel import STANDING
from participants.admin.filters import EventFilter
from participants.domain.guard import raising
from participants.domain.guard.figures import see_figures
from participants.domain.guard.subjects import subject_of
from participants.models import Operation


def may_change(request: HttpRequest, budget: Model | None) -> bool:
    """Organizers look after what events may spend, owners after what accounts may."""
    is_of_account = isinstance(budget, Budget) and budget.sponsoring_account_id is not None
    return may(request, Membership.Role.OWNER if is_of_account else Membership.Role.ORGANIZER)


class ThresholdInline(TenantTabularInline):
    model = Threshold
    form = ThresholdForm
    formset = ThresholdFormSet
    fields = ["percent", "action", "standing"]
    readonly_fields = ["standing"]
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Threshold]:
        queryset: QuerySet[Threshold] = super().get_queryset(request)
        return queryset.select_related("budget__event", "budget__sponsoring_account")

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        return 0 if obj else len(raising.DEFAULT_THRESHOLDS)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_change(request, obj)

    @admin.display(description="State")
    def standing(self, threshold: Threshold) -> str:
        word = "Fired" if threshold.fired_at else "Armed"
        return show_label(word, word, STANDING) if threshold.pk else "-"


@admin.register(Budget)
class BudgetAdmin(TenantAdmin):
    """An amount is changed with a reason, because that arms thresholds again; nothing that held money is deleted."""

    event_path = "event"
    recorded_elsewhere = (Budget, Threshold)
    form = BudgetForm
    inlines = [ThresholdInline]
    list_display = ["subject", "money", "spent", "standing"]
    list_select_related = ["event", "sponsoring_account"]
    list_filter = [EventFilter]
    search_fields = ["event__title", "sponsoring_account__name"]
    search_help_text = "Event or account"
    actions_detail = ["unfreeze", "change_amount", "arm"]
    change_form_outer_before_template = "admin/budgets/page.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        queryset: QuerySet[Budget] = super().get_queryset(request)
        return queryset.select_related("event", "sponsoring_account").prefetch_related("thresholds")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The figures of all budgets on the page, added up at once."""
        changelist = super().get_changelist_instance(request)
        budgets = list(changelist.result_list)
        figures = see_figures(budgets=budgets)
        for budget in budgets:
            budget.figures = figures[budget.pk]
        changelist.result_list = budgets
        return changelist

    # Who may do what.

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_unfreeze_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, object_id, lambda budget: subject_of(budget).frozen_at is not None)

    def has_amount_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, object_id, lambda budget: subject_of(budget).frozen_at is None)

    def has_arm_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, object_id, lambda budget: any(each.fired_at for each in budget.thresholds.all()))

    def _may(self, request: HttpRequest, object_id: str | None, fits: Callable[[Budget], bool]) -> bool:
        """Whether the person may, and it makes sense. What is not there is for the dialog to say."""
        budget: Budget | None = self.get_object(request, object_id) if object_id else None
        return may_change(request, budget) and (budget is None or fits(budget))

    # The page.

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj:
            return ["subject", "money", "contacts"]
        owners = ["sponsoring_account"] if may(request, Membership.Role.OWNER) else []
        return ["event", *owners, "amount", "contacts"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["subject", "money"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only what the person sees, and what has no budget yet."""
        rows = self.admin_site.get_model_admin(db_field.related_model).get_queryset(request)
        return super().formfield_for_foreignkey(db_field, request, queryset=rows.filter(budget=None), **kwargs)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if obj.pk is None:
            kwargs["initial"] = [{"percent": percent, "action": done} for percent, done in raising.DEFAULT_THRESHOLDS]
        return kwargs

    def save_model(self, request: HttpRequest, obj: Budget, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        subject, contacts = subject_of(obj), form.cleaned_data["contacts"]
        changes = {} if change else {"amount": ["-", show_dollars(obj.amount)]}
        if contacts != subject.contacts:
            changes["contacts"] = [", ".join(subject.contacts) or "-", ", ".join(contacts) or "-"]
            type(subject)._base_manager.filter(pk=subject.pk).update(contacts=contacts)
        if changes:
            _record(request, obj, "changed the contacts of a budget" if change else "set a budget", changes)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        before = _describe_thresholds(form.instance)
        super().save_formset(request, form, formset, change)
        after = _describe_thresholds(form.instance)
        if before != after:
            _record(request, form.instance, "set the thresholds of a budget", {"thresholds": [before, after]})

    # What is asked in a dialog.

    @action(  # type: ignore[untyped-decorator]
        description="Raise and unfreeze…",
        icon="lock_open",
        permissions=["unfreeze"],
        url_path="unfreeze",
        dialog={
            "title": "Raise the budget and let everybody go on?",
            "description": "Thresholds that are ahead again are armed again. Whoever was paused by hand stays paused.",
            "form_class": UnfreezeDialog,
            "form_submit_text": "Raise and unfreeze",
        },
    )
    def unfreeze(self, request: HttpRequest, form: UnfreezeDialog, object_id: str) -> HttpResponse:
        answers = form.cleaned_data
        try:
            operations = raising.unfreeze(
                budget=form.budget, new_amount=answers["amount"], actor=_actor(request), reason=answers["reason"]
            )
        except raising.AmountTooSmall as refusal:  # spent meanwhile
            self.message_user(request, str(refusal), messages.ERROR)
            return return_to(request, form.budget)
        amount = show_dollars(answers["amount"])
        self.message_user(request, f"The budget is {amount} now, and everybody may go on.", messages.SUCCESS)
        return _watch(request, form.budget, operations)

    @action(  # type: ignore[untyped-decorator]
        description="Change the amount…",
        icon="payments",
        permissions=["amount"],
        url_path="amount",
        dialog={
            "title": "Change the amount?",
            "description": "A higher amount arms those thresholds again that are ahead of what is spent.",
            "form_class": AmountDialog,
            "form_submit_text": "Change the amount",
        },
    )
    def change_amount(self, request: HttpRequest, form: AmountDialog, object_id: str) -> HttpResponse:
        answers = form.cleaned_data
        armed = raising.change_amount(
            budget=form.budget, amount=answers["amount"], actor=_actor(request), reason=answers["reason"]
        )
        sentence = f"The budget is {show_dollars(answers['amount'])} now."
        if armed:
            sentence += f" Armed again: {', '.join(f'{threshold.percent} %' for threshold in armed)}."
        self.message_user(request, sentence, messages.SUCCESS)
        return return_to(request, form.budget)

    @action(  # type: ignore[untyped-decorator]
        description="Arm again…",
        icon="notifications_active",
        permissions=["arm"],
        url_path="arm",
        dialog={
            "title": "Arm a threshold again?",
            "description": "Where its mark is reached still, it fires again after the next reading of the usage.",
            "form_class": ArmDialog,
            "form_submit_text": "Arm again",
        },
    )
    def arm(self, request: HttpRequest, form: ArmDialog, object_id: str) -> HttpResponse:
        threshold: Threshold = form.cleaned_data["threshold"]
        raising.rearm(threshold=threshold, actor=_actor(request), reason=form.cleaned_data["reason"])
        self.message_user(request, f"The threshold at {threshold.percent} % is armed again.", messages.SUCCESS)
        return return_to(request, form.budget)

    # The list.

    @admin.display(description="Of")
    def subject(self, budget: Budget) -> str:
        return str(subject_of(budget))

    @admin.display(description="Amount", ordering="amount")
    def money(self, budget: Budget) -> str:
        return show_dollars(budget.amount)

    @admin.display(description="Spent")
    def spent(self, budget: Budget) -> str:
        figures = budget.figures  # type: ignore[attr-defined]
        return f"{show_dollars(figures.spent)} ({figures.find_share(figures.spent):.0f} %)"

    @admin.display(description="State")
    def standing(self, budget: Budget) -> str:
        word = "Frozen" if subject_of(budget).frozen_at else "Open"
        return show_label(word, word, {"Frozen": "danger", "Open": "success"})


def _actor(request: HttpRequest) -> AbstractBaseUser:
    return cast(AbstractBaseUser, request.user)


def _record(request: HttpRequest, budget: Budget, done: str, changes: dict[str, Any]) -> None:
    record(actor=_actor(request), action=done, about=budget, event_id=budget.event_id, changes=changes)


def _describe_thresholds(budget: Budget) -> str:
    rows = Threshold.objects.filter(budget=budget).order_by("percent", "id")
    return ", ".join(f"{row.percent} % {row.action}" for row in rows) or "-"


def _watch(request: HttpRequest, budget: Budget, operations: list[Operation]) -> HttpResponse:
    """On to the progress: of the one event, or of several on their list."""
    if not operations:
        return return_to(request, budget)
    address = reverse("admin:participants_operation_changelist")
    if len(operations) == 1:
        address = reverse("admin:participants_operation_change", args=[operations[0].pk])
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else HttpResponseRedirect(address)
