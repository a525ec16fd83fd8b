"""Sending racers a new password: who gets one, and who is left out and why."""

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import SponsoringAccount
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Message, Operation, Registration, Step
from tests.admin.stage import Tenant, enter, set_steps, sign_in
from tests.admin.test_trained_models import go_on

pytestmark = pytest.mark.django_db

BULK = "/admin/participants/registration/bulk/send_passwords/"


def move_to_deployment(tenant: Tenant) -> None:
    with organization_scope(tenant.organization.pk):
        SponsoringAccount.objects.update(kind="deepracer_on_aws", site_url="https://racing.example.com")


def test_those_who_are_in_get_another_mail(contoso: Tenant) -> None:
    move_to_deployment(contoso)
    early, gone = (enter(contoso.event, f"{name}@contoso.example") for name in ("early", "gone"))
    for registration in (contoso.registration, gone):
        set_steps(registration, "access", state="done")
    with organization_scope(contoso.organization.pk):
        Registration.objects.filter(pk=gone.pk).update(removed_at=timezone.now())
    client = sign_in("organizer", contoso.organization)
    form = client.get(f"{BULK}?event={contoso.event.pk}").content.decode()
    preview = go_on(client, BULK, form, "preview", reason="Lost it").content.decode()
    assert "<strong>1 person</strong>" in preview
    assert "Is not in yet: the first mail is still to come." in preview
    assert "Everything is being taken back from them." in preview

    answer = go_on(client, BULK, preview, "confirm")
    with organization_scope(contoso.organization.pk):
        operation = Operation.objects.get()
        assert answer.url == reverse("admin:participants_operation_change", args=[operation.pk])
        assert Step.objects.get(operation=operation).registration_id == contoso.registration.pk
        assert not Message.objects.filter(registration=contoso.registration).exists()
        assert AuditEntry.objects.get(action="sent new passwords to 1 racer").reason == "Lost it"
        assert not Step.objects.filter(registration=early, operation=operation).exists()


def test_whoever_signs_in_with_the_company_account_has_no_such_password(contoso: Tenant) -> None:
    set_steps(contoso.registration, "access", state="done")
    client = sign_in("organizer", contoso.organization)
    form = client.get(f"{BULK}?id={contoso.registration.pk}").content.decode()
    preview = go_on(client, BULK, form, "preview", reason="Lost it").content.decode()
    assert "Nobody changes" in preview
    assert "Signs in with the company account" in preview
