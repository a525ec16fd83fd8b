"""Ways to another organization's rows that no table of addresses knows: filters, choices, switching, chosen events.

That pages show nothing of others, and that others' rows are missing, stands in `test_permissions` and `test_leaks`.
"""

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope
from participants.models import Step
from tests.admin.stage import Tenant, enter, page, set_steps, sign_in, write_message
from tests.admin.test_steps import CONFIRM
from tests.support.factories import EventFactory
from tests.support.world import account_of


@pytest.mark.parametrize(
    ("model", "query", "expected"),
    [
        ("registration", "event={event}", 200),
        ("registration", "event__id__exact={event}", 200),
        ("registration", "event=x", 200),
        ("step", "event={event}", 200),
        ("message", "event={event}", 200),
        ("message", "registration__event__id={event}", 400),
        ("message", "registration__event__title__startswith=C", 400),
        ("message", "html__contains=Words", 400),
        ("step", "registration__participant__email__startswith=a", 400),
        ("registration", "event__directory__credential__startswith=t", 400),
        ("registration", "answers__contains=1", 400),
        ("participant", "email__startswith=ann", 400),
    ],
)
def test_addresses_cannot_ask_what_no_filter_offers(
    model: str, query: str, expected: int, contoso: Tenant, fabrikam: Tenant
) -> None:
    outsider = sign_in("owner", fabrikam.organization)
    list_of = reverse(f"admin:participants_{model}_changelist")
    answer = outsider.get(f"{list_of}?{query.format(event=contoso.event.pk)}")
    assert answer.status_code in ({expected} if expected == 400 else {200, 302, 400})
    assert "contoso" not in answer.content.decode().lower()


@pytest.mark.parametrize("query", ["credential__startswith=t", "smtp_password__startswith=t", "external_id=1"])
def test_secrets_cannot_be_felt_by_filters(query: str, contoso: Tenant) -> None:
    owner = sign_in("owner", contoso.organization)
    for model in ("directoryconnection", "mailconnection", "identitycenterconnection"):
        assert owner.get(f"{reverse(f'admin:events_{model}_changelist')}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("field", "term"),
    [
        ("accounts.membership.user", "a"),
        ("tenancy.membership.user", "contoso"),
        ("participants.registration.event", "c"),
    ],
)
def test_autocomplete_offers_nobody_else(field: str, term: str, contoso: Tenant, fabrikam: Tenant) -> None:
    app, model, name = field.split(".")
    query = {"app_label": app, "model_name": model, "field_name": name, "term": term}
    answer = sign_in("owner", fabrikam.organization).get(reverse("admin:autocomplete"), query)
    assert answer.status_code in (200, 403)
    assert "ontoso" not in answer.content.decode()


def test_foreign_rows_cannot_be_chosen(contoso: Tenant, fabrikam: Tenant) -> None:
    outsider = sign_in("owner", fabrikam.organization)
    form = outsider.get(page(Event, "add")).content.decode()
    assert "Contoso" not in form
    answer = outsider.post(page(Event, "add"), {"directory": contoso.event.directory_id, "title": "Mine"})
    assert "directory" in answer.context["adminform"].form.errors


def test_retrying_foreign_steps_changes_nothing(contoso: Tenant, fabrikam: Tenant) -> None:
    set_steps(contoso.registration, "identity", state="failed")
    with organization_scope(contoso.organization.pk):
        ids = list(Step.objects.values_list("pk", flat=True))
    outsider = sign_in("owner", fabrikam.organization)
    outsider.post(page(Step, "changelist"), {"action": "retry", "_selected_action": ids, "select_across": "0"})
    outsider.post(page(contoso.registration, "retry_steps"), CONFIRM)
    with organization_scope(contoso.organization.pk):
        assert Step.objects.filter(state="failed").count() == 1


class TestSwitching:
    def test_members_of_several_choose_and_see_which(self, contoso: Tenant, fabrikam: Tenant) -> None:
        client = sign_in("owner", contoso.organization, fabrikam.organization)
        assert "Contoso Cup" in client.get(page(Event, "changelist")).content.decode()
        answer = client.post(reverse("admin:switch_organization", args=["fabrikam"]))
        assert answer.headers["HX-Redirect"] == "/admin/"
        for address in ("/admin/", page(Event, "changelist"), page(fabrikam.event)):
            content = client.get(address).content.decode()
            assert "Fabrikam Racing" in content
            assert "Contoso Cup" not in content

    def test_a_choice_that_is_not_theirs_counts_for_nothing(self, contoso: Tenant, fabrikam: Tenant) -> None:
        client = sign_in("viewer", fabrikam.organization)
        client.post(reverse("admin:switch_organization", args=["contoso"]))
        assert "Contoso" not in client.get("/admin/").content.decode()

    def test_roles_differ_by_organization(self, contoso: Tenant, fabrikam: Tenant) -> None:
        client = sign_in("owner", contoso.organization)
        with organization_scope(fabrikam.organization.pk):
            Membership.objects.create(user_id=client.session["_auth_user_id"], role="viewer")
        assert client.get(page(Membership, "changelist")).status_code == 200
        client.post(reverse("admin:switch_organization", args=["fabrikam"]))
        assert client.get(page(Membership, "changelist")).status_code == 403

    def test_a_lost_membership_ends_at_once(self, contoso: Tenant) -> None:
        client = sign_in("owner", contoso.organization)
        with organization_scope(contoso.organization.pk):
            Membership.objects.filter(user_id=client.session["_auth_user_id"]).delete()
        assert client.get("/admin/").status_code == 302


class TestChosenEvents:
    """An organizer of one event, beside another event of the same organization, and a stranger's."""

    @pytest.fixture
    def secret(self, contoso: Tenant) -> Tenant:
        with organization_scope(contoso.organization.pk):
            event = EventFactory(
                title="Zebra Cup",
                directory=contoso.event.directory,
                sponsoring_account=account_of(contoso.event),
            )
        registration = enter(event, "zebra@contoso.example")
        set_steps(registration, "identity", state="failed", detail="Zebra reason")
        return Tenant("Zebra", contoso.organization, event, registration, write_message(registration))

    @pytest.fixture
    def client(self, contoso: Tenant) -> Client:
        return sign_in("organizer", contoso.organization, events=[contoso.event])

    def test_lists_asked_for_another_event_show_nothing_of_it(self, client: Client, secret: Tenant) -> None:
        for model in ("registration", "step", "message"):
            query = f"{reverse(f'admin:participants_{model}_changelist')}?event={secret.event.pk}"
            assert "zebra" not in client.get(query).content.decode().lower()

    def test_the_chosen_is_all_there(self, client: Client, contoso: Tenant, secret: Tenant) -> None:
        for row in (contoso.event, contoso.registration, contoso.message, contoso.registration.participant):
            assert client.get(page(row)).status_code == 200
        assert client.get(page(Event, "add")).status_code == 403
        assert "Contoso Cup" in client.get("/admin/").content.decode()
