"""Who registered, and where each of them stands."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action

from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, TenantTabularInline, may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import ReasonDialog, find_actor, find_object, return_to
from participants.admin.announcements import WRITE
from participants.admin.confirmation_pages import offer
from participants.admin.filters import EventFilter, StatusFilter
from participants.admin.labels import MESSAGE, STATUS, STEP
from participants.admin.offboarding_actions import REMOVE_PEOPLE
from participants.admin.racer_filters import GroupFilter, SponsorshipFilter
from participants.admin.racers import RACER_ACTIONS, QuotaChangeInline, RegistrationRacersMixin
from participants.admin.steps import describe_retry, describe_step
from participants.domain.status import status_path
from participants.domain.steps import retry_now
from participants.models import Message, Registration, Step


class StepInline(ReadOnly, TenantTabularInline):
    model = Step
    fields = ["what", "standing", "attempts", "detail", "due"]
    readonly_fields = fields
    hide_title = True
    verbose_name_plural = "steps, in the order of the journey"

    @admin.display(description="Step")
    def what(self, step: Step) -> str:
        return _link("step", step.pk, describe_step(step))

    @admin.display(description="State")
    def standing(self, step: Step) -> str:
        return show_label(step.state, step.get_state_display(), STEP)

    @admin.display(description="Next try")
    def due(self, step: Step) -> str:
        return show_time(step.due_at, step.event.zone) if step.state == Step.State.READY else "-"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        queryset: QuerySet[Step] = super().get_queryset(request)
        return queryset.select_related("event", "registration__participant", "registration__event")


class MessageInline(ReadOnly, TenantTabularInline):
    model = Message
    fields = ["mail", "standing", "sent", "error"]
    readonly_fields = fields
    hide_title = True

    @admin.display(description="Subject")
    def mail(self, message: Message) -> str:
        return _link("message", message.pk, message.subject)

    @admin.display(description="State")
    def standing(self, message: Message) -> str:
        return show_label(message.state, message.get_state_display(), MESSAGE)

    @admin.display(description="Sent")
    def sent(self, message: Message) -> str:
        return show_time(message.sent_at, message.registration.event.zone)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        queryset: QuerySet[Message] = super().get_queryset(request)
        return queryset.select_related("registration__event").defer("text", "html")


@admin.register(Registration)
class RegistrationAdmin(RegistrationRacersMixin, ReadOnly, TenantAdmin):
    """People register on the portal or by the API, where the event's rules are checked; here nothing is changed.

    Nothing is deleted either: that would leave the access that the row stands for.
    """

    event_path = "event"
    list_display = ["name", "email", "event", "standing", "sponsorship", "minutes", "since"]
    list_filter = [StatusFilter, EventFilter, GroupFilter, SponsorshipFilter]
    list_select_related = ["participant", "event__organization"]
    search_fields = ["participant__email_key", "participant__family_name", "participant__given_name"]
    search_help_text = "E-mail address or name"
    racing = ["group", "account", "sponsorship_explained", "quota", "minutes"]
    fields = [
        "standing",
        ("name", "email"),
        ("event", "since"),
        ("group", "account"),
        "sponsorship_explained",
        ("quota", "minutes"),
        "answers_given",
        "status_page",
    ]
    readonly_fields = ["standing", "name", "email", "event", "since", *racing, "answers_given", "status_page"]
    inlines = [StepInline, QuotaChangeInline, MessageInline]
    actions_detail = ["retry_steps", RegistrationRacersMixin.racers_menu, "remove_people"]
    bulk_actions = [WRITE, *RACER_ACTIONS, REMOVE_PEOPLE]
    remove_people = offer(REMOVE_PEOPLE, model=Registration, choose="id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        queryset: QuerySet[Registration] = super().get_queryset(request)
        return queryset.with_status()  # type: ignore[attr-defined,no-any-return]

    def has_retry_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.ORGANIZER)

    @action(  # type: ignore[untyped-decorator]
        description="Retry now",
        icon="replay",
        permissions=["retry"],
        url_path="retry",
        dialog={
            "title": "Try again now?",
            "description": "Every step of this registration that failed or waits is tried again at once.",
            "form_class": ReasonDialog,
            "form_submit_text": "Retry now",
        },
    )
    def retry_steps(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        registration: Registration = find_object(self, request, object_id)
        steps = Step.objects.filter(registration=registration)
        retried = retry_now(steps=steps, actor=find_actor(request), reason=form.cleaned_data["reason"])
        level = messages.SUCCESS if retried else messages.WARNING
        self.message_user(request, describe_retry(retried), level)
        return return_to(request, registration)

    @admin.display(description="Name", ordering="participant__family_name")
    def name(self, registration: Registration) -> str:
        return str(registration.participant)

    @admin.display(description="E-mail", ordering="participant__email_key")
    def email(self, registration: Registration) -> str:
        return registration.participant.email

    @admin.display(description="Status")
    def standing(self, registration: Registration) -> str:
        status = Registration.Status(registration.status)
        return show_label(status.value, str(status.label), STATUS)

    @admin.display(description="Registered", ordering="created_at")
    def since(self, registration: Registration) -> str:
        return show_time(registration.created_at, registration.event.zone)

    @admin.display(description="Answers")
    def answers_given(self, registration: Registration) -> str:
        labels = dict(registration.event.questions.values_list("key", "label"))
        answers = [(labels.get(key, key), _word_answer(value)) for key, value in registration.answers.items()]
        return render_to_string("admin/answers.html", {"answers": answers}) if answers else "None"

    @admin.display(description="Status page")
    def status_page(self, registration: Registration) -> str:
        path = status_path(registration)
        return format_html('<a class="text-link" href="{}">What the participant sees</a>', path)


def _link(model: str, pk: int, text: str) -> str:
    return format_html(
        '<a class="text-link" href="{}">{}</a>', reverse(f"admin:participants_{model}_change", args=[pk]), text
    )


def _word_answer(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
