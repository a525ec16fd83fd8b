"""Operators of the deployment reach a tenant for a while, with a reason, and its owners can see that."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from paddock.accounts.models import User
from paddock.audit.models import AuditEntry
from paddock.tenancy.models import OperatorSession
from paddock.tenancy.operator_sessions import start_operator_session
from paddock.tenancy.scope import across_tenants, organization_scope
from paddock.tenancy.tasks import end_lapsed_operator_sessions
from tests.admin.stage import Tenant, build_tenant, enter_as_operator, page, sign_in

END = "/admin/tenancy/operatorsession/end/"


def list_sessions() -> list[OperatorSession]:
    with across_tenants("a test looks at all of them"):
        return list(OperatorSession.objects.select_related("organization").order_by("id"))


def list_entries(tenant: Tenant) -> list[tuple[str, str, str]]:
    with organization_scope(tenant.organization.pk):
        entries = AuditEntry.objects.filter(object_type="operatorsession").order_by("id")
        return list(entries.values_list("actor_name", "action", "reason"))


def shift(**fields: object) -> None:
    with across_tenants("a test moves the clock"):
        OperatorSession.objects.update(**fields)


@pytest.fixture
def operator(contoso: Tenant, fabrikam: Tenant) -> Client:
    return sign_in("operator")


def test_without_a_session_there_are_the_deployments_pages_alone(operator: Client, contoso: Tenant) -> None:
    for model in contoso.rows:
        assert operator.get(page(model, "changelist")).status_code == 403, model
    for name in ("tenancy_organization", "accounts_user", "tenancy_operatorsession"):
        assert operator.get(reverse(f"admin:{name}_changelist")).status_code == 200
    wall = operator.get("/admin/").content.decode()
    assert "Begin an operator session" in wall
    assert "Contoso Cup" not in wall
    assert "ontoso Cup" not in operator.get("/admin/search/?s=contoso&extended=1").content.decode()


def test_a_session_opens_one_organization_and_says_so_everywhere(operator: Client, contoso: Tenant) -> None:
    assert enter_as_operator(operator, contoso.organization, reason="Ticket 7").status_code == 302
    for address in ("/admin/", page(Event, "changelist"), page(contoso.event), "/admin/accounts/user/"):
        content = operator.get(address).content.decode()
        assert "Operator session in Contoso Racing" in content, address
        assert "Ticket 7" in content
        assert "Fabrikam Cup" not in content
    assert operator.get(page(contoso.event)).status_code == 200


def test_it_is_recorded_where_owners_see_it(operator: Client, contoso: Tenant, fabrikam: Tenant) -> None:
    enter_as_operator(operator, contoso.organization, minutes=15, reason="Ticket 7")
    operator.post(END)
    name = "operator@paddock.example"
    assert list_entries(contoso) == [
        (name, "began an operator session of 15 minutes", "Ticket 7"),
        (name, "ended their operator session", "Ticket 7"),
    ]
    assert list_entries(fabrikam) == []
    trail = reverse("admin:audit_auditentry_changelist")
    assert "Ticket 7" in sign_in("owner", contoso.organization).get(trail).content.decode()
    assert "Ticket 7" not in sign_in("viewer", contoso.organization).get(trail).content.decode()


@pytest.mark.parametrize(
    "way", ["end", "sign out", "run out", "another browser", "another operator", "begin elsewhere"]
)
def test_it_ends(way: str, operator: Client, contoso: Tenant, fabrikam: Tenant) -> None:
    enter_as_operator(operator, contoso.organization)
    match way:
        case "end":
            operator.post(END)
        case "sign out":
            operator.post("/admin/logout/")
        case "run out":
            shift(ends_at=timezone.now())
        case "begin elsewhere":
            enter_as_operator(operator, fabrikam.organization)
        case "another browser":
            operator = Client()
            operator.force_login(User.objects.get(email="operator@paddock.example"))
        case "another operator":
            stolen = operator.session["operator_session"]
            operator = Client()
            operator.force_login(User.objects.create_superuser("other@paddock.example"))
            session = operator.session
            session["operator_session"] = stolen
            session.save()
    assert operator.get(page(contoso.event)).status_code in {302, 403, 404}
    is_over = way in {"end", "sign out", "begin elsewhere"}
    assert (list_sessions()[0].ended_at is not None) == is_over


def test_one_that_ran_out_is_recorded_once_and_at_its_time(operator: Client, contoso: Tenant) -> None:
    enter_as_operator(operator, contoso.organization)
    end = timezone.now() - timedelta(minutes=5)
    shift(ends_at=end)
    end_lapsed_operator_sessions()
    end_lapsed_operator_sessions()
    assert list_sessions()[0].ended_at == end
    assert [action for _, action, _ in list_entries(contoso)][1:] == ["operator session ran out"]


@pytest.mark.parametrize(
    ("answers", "field"),
    [({"reason": ""}, "reason"), ({"minutes": 61}, "minutes"), ({"minutes": 0}, "minutes"), ({"tenant": 9}, "tenant")],
)
def test_it_needs_a_reason_an_end_and_an_organization(
    answers: dict[str, object], field: str, operator: Client, contoso: Tenant
) -> None:
    answer = enter_as_operator(operator, contoso.organization, **answers)
    assert field in answer.context["adminform"].form.errors
    assert list_sessions() == []


@pytest.mark.parametrize("role", ["viewer", "organizer", "owner"])
def test_it_is_for_operators(role: str, contoso: Tenant, fabrikam: Tenant) -> None:
    client = sign_in(role, fabrikam.organization)
    assert enter_as_operator(client, contoso.organization).status_code == 403
    assert list_sessions() == []


def test_a_membership_gives_an_operator_no_standing_power(operator: Client, contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        User.objects.get(email="operator@paddock.example").memberships.create(role="owner")
    assert operator.get(page(Event, "changelist")).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_open_one_session() -> None:
    tenants = [build_tenant("Contoso"), build_tenant("Fabrikam")]
    operator, barrier = User.objects.create_superuser("operator@paddock.example"), Barrier(2)

    def begin(tenant: Tenant) -> None:
        try:
            barrier.wait(timeout=30)
            organization = tenant.organization
            start_operator_session(operator=operator, organization=organization, reason="Both", minutes=15)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(begin, tenants))
    assert sorted(each.ended_at is None for each in list_sessions()) == [False, True]
