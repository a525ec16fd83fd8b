"""Who may look at a preflight and who starts one, and what its page costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.domain.preflight.running import SILENCE
from participants.models import PreflightRun
from tests.admin.stage import Tenant, enter, sign_in
from tests.support.factories import EventFactory

PAGES = ("", "_lines", "_start")


def find_page(tenant: Tenant, page: str = "") -> str:
    return reverse(f"admin:events_event_preflight{page}", args=[tenant.event.pk])


def count_runs(tenant: Tenant) -> int:
    with organization_scope(tenant.organization.pk):
        return PreflightRun.objects.count()


def test_outsiders_find_no_preflight(contoso: Tenant, fabrikam: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        other = EventFactory(directory=contoso.event.directory)
    chosen_for_another = sign_in("organizer", contoso.organization, events=[other])
    for client in (sign_in("owner", fabrikam.organization), chosen_for_another):
        for page in PAGES:
            answer = client.post(find_page(contoso, page)) if page == "_start" else client.get(find_page(contoso, page))
            assert answer.status_code == 404, page
    assert count_runs(contoso) == 0


def test_a_second_press_waits_for_the_first_run(contoso: Tenant) -> None:
    organizer = sign_in("organizer", contoso.organization)
    assert 'name="reason"' in organizer.get(find_page(contoso)).content.decode()
    for reason in ("The ads start tomorrow", "Once more"):
        assert organizer.post(find_page(contoso, "_start"), {"reason": reason}).status_code == 302
    assert count_runs(contoso) == 1
    with organization_scope(contoso.organization.pk):
        assert AuditEntry.objects.get(action="started a preflight").reason == "The ads start tomorrow"
    content = organizer.get(find_page(contoso)).content.decode()
    assert "A preflight is under way already." in content
    assert 'hx-trigger="load delay:1s"' in content
    with organization_scope(contoso.organization.pk):
        PreflightRun.objects.update(started_at=timezone.now() - SILENCE - timedelta(seconds=1))
    content = organizer.get(find_page(contoso)).content.decode()
    assert "Broken off: its worker has gone." in content
    assert "delay:1s" not in content
    organizer.post(find_page(contoso, "_start"))
    assert count_runs(contoso) == 2


@pytest.mark.parametrize("page", ["", "_lines"])
def test_the_page_costs_the_same_for_any_number_of_people(page: str, contoso: Tenant) -> None:
    viewer = sign_in("viewer", contoso.organization)
    sign_in("operator", contoso.organization).post(find_page(contoso, "_start"))

    def count() -> int:
        viewer.get(find_page(contoso, page))
        with CaptureQueriesContext(connection) as queries:
            assert viewer.get(find_page(contoso, page)).status_code == 200
        return len(queries)

    before = count()
    for number in range(5):
        enter(contoso.event, f"person{number}@contoso.example")
    assert count() == before
