"""Trying again, and setting up an event's access, from the admin."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from events.models import EventAccount
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Step
from tests.admin.stage import Tenant, enter, page, set_steps, sign_in
from tests.support.convergence import settle
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization

CONFIRM = {"_form_submitted": "True", "reason": "The cause is mended"}


def states(tenant: Tenant) -> dict[str, str]:
    with organization_scope(tenant.organization.pk):
        return dict(Step.objects.filter(registration=tenant.registration).values_list("kind", "state"))


def choose(client: Client, tenant: Tenant) -> str:
    """Choose all steps of the list and retry them, with a reason, as shown. Returns what the last page says."""
    with organization_scope(tenant.organization.pk):
        ids = list(Step.objects.values_list("pk", flat=True))
    choice = {"action": "retry", "_selected_action": ids, "select_across": "0", "index": "0"}
    said = client.post(page(Step, "changelist"), choice).content.decode()
    for stage in ({"stage": "preview", "reason": "The cause is mended"}, {"stage": "confirm"}):
        if token := re.search(r'name="token" value="([^"]+)"', said):
            address = reverse("admin:participants_step_bulk_retry")
            answer = client.post(address, stage | {"token": token[1]}, follow=True)
            said = answer.content.decode()
    return str(said)


def find_entries(tenant: Tenant) -> list[tuple[str, str]]:
    with organization_scope(tenant.organization.pk):
        return list(AuditEntry.objects.order_by("id").values_list("action", "reason"))


@pytest.mark.django_db
class TestRetry:
    def test_list_action_says_how_many(self, contoso: Tenant) -> None:
        set_steps(contoso.registration, "identity", state="failed", attempts=4, detail="Unknown")
        with organization_scope(contoso.organization.pk):
            Step.objects.filter(registration=None).update(state="done")
        content = choose(sign_in("organizer", contoso.organization), contoso)
        assert "Try steps again: 1 step." in content
        assert find_entries(contoso) == [("tried 1 step again", "The cause is mended")]
        assert states(contoso)["identity"] == "ready"
        assert states(contoso)["membership"] == "blocked"

    def test_a_viewer_has_no_such_action(self, contoso: Tenant) -> None:
        set_steps(contoso.registration, "identity", state="failed")
        viewer = sign_in("viewer", contoso.organization)
        assert "Try steps again" not in choose(viewer, contoso)
        assert viewer.post(page(contoso.registration, "retry_steps"), CONFIRM).status_code == 403
        assert states(contoso)["identity"] == "failed"

    def test_from_the_page_of_a_registration(self, contoso: Tenant) -> None:
        set_steps(contoso.registration, "identity", state="failed", detail="Unknown")
        organizer = sign_in("organizer", contoso.organization)
        question = organizer.get(page(contoso.registration, "retry_steps"))
        assert "Try again now?" in question.content.decode()
        assert states(contoso)["identity"] == "failed"  # asking changes nothing
        answer = organizer.post(page(contoso.registration, "retry_steps"), CONFIRM, follow=True)
        assert "1 step is tried again now." in answer.content.decode()
        assert states(contoso)["identity"] == "ready"
        assert find_entries(contoso) == [("tried 1 step again", "The cause is mended")]

    def test_not_without_a_reason(self, contoso: Tenant) -> None:
        set_steps(contoso.registration, "identity", state="failed")
        organizer = sign_in("organizer", contoso.organization)
        for address in (page(contoso.registration, "retry_steps"), page(contoso.event, "set_up_access")):
            answer = organizer.post(address, {"_form_submitted": "True", "reason": " "})
            assert "This field is required" in answer.content.decode()
        assert states(contoso)["identity"] == "failed"
        assert find_entries(contoso) == []

    def test_the_dialog_is_answered_with_the_way_back(self, contoso: Tenant) -> None:
        organizer = sign_in("organizer", contoso.organization)
        answer = organizer.post(page(contoso.registration, "retry_steps"), CONFIRM, headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"] == page(contoso.registration)

    def test_a_forged_post_is_refused(self, contoso: Tenant) -> None:
        organizer = sign_in("organizer", contoso.organization)
        organizer.handler.enforce_csrf_checks = True
        assert organizer.post(page(contoso.registration, "retry_steps"), CONFIRM).status_code == 403

    def test_only_this_registration_is_tried(self, contoso: Tenant) -> None:
        other = enter(contoso.event, "other@contoso.example")
        set_steps(other, "identity", state="failed")
        sign_in("organizer", contoso.organization).post(page(contoso.registration, "retry_steps"), CONFIRM)
        with organization_scope(contoso.organization.pk):
            assert other.steps.get(kind="identity").state == "failed"


@pytest.mark.django_db(transaction=True)
def test_access_is_set_up_before_anybody_registers_and_again(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox, directory="identity_center")
    event = build_event(organization)
    organizer = sign_in("organizer", organization)
    for _ in range(2):
        answer = organizer.post(page(event, "set_up_access"), CONFIRM, follow=True)
        assert "Access is being set up." in answer.content.decode()
        with organization_scope(organization.pk):
            assert dict(Step.objects.values_list("kind", "state")) == {"group": "ready", "assignment": "blocked"}
        settle()
        with organization_scope(organization.pk):
            assert dict(Step.objects.values_list("kind", "state")) == {"group": "done", "assignment": "done"}
            assert EventAccount.objects.get().permission_set_arn
        with organization_scope(organization.pk):
            entry = AuditEntry.objects.filter(action="set up access").latest("id")
            assert (entry.reason, entry.event_id) == ("The cause is mended", event.pk)
    content = organizer.get(page(event)).content.decode()
    assert content.count("Done") >= 2


def test_what_is_in_work_stays_with_its_worker(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        Step.objects.filter(registration=None, kind="group").update(state="claimed")
        Step.objects.filter(registration=None, kind="assignment").update(state="done")
    sign_in("organizer", contoso.organization).post(page(contoso.event, "set_up_access"), CONFIRM)
    with organization_scope(contoso.organization.pk):
        steps = Step.objects.filter(registration=None)
        assert dict(steps.values_list("kind", "state")) == {"group": "claimed", "assignment": "blocked"}
