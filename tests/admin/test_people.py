"""Users, members and participants."""

import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from events.models import Invitation
from paddock.accounts.models import User
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.models import Participant, Registration
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, enter, page, sign_in
from tests.support.factories import UserFactory
from tests.support.world import account_of

PASSWORD = "correct horse battery"


def list_members(organization: Organization) -> dict[str, str]:
    with organization_scope(organization.pk):
        return dict(Membership.objects.values_list("user__email", "role"))


class TestMembers:
    def test_nobody_is_made_a_member_unasked(self, contoso: Tenant) -> None:
        owner = sign_in("owner", contoso.organization)
        assert owner.get(page(Membership, "add")).status_code == 403
        answer = owner.get(reverse("admin:tenancy_membership_invite"))
        assert answer.url == "/admin/events/invitation/add/"

    def test_no_page_offers_other_organizations_people(self, contoso: Tenant, fabrikam: Tenant) -> None:
        owner = sign_in("owner", contoso.organization)
        addresses = [page(Membership, "changelist"), page(contoso.rows[Membership]), page(Invitation, "changelist")]
        for address in [*addresses, page(Invitation, "add")]:
            assert "fabrikam" not in owner.get(address).content.decode().lower()

    def test_an_owner_sees_all_events(self, contoso: Tenant) -> None:
        owner = sign_in("owner", contoso.organization)
        form = read_form(owner, page(contoso.rows[Membership]))
        del form["all_events"]
        answer = owner.post(page(contoso.rows[Membership]), form)
        assert list(answer.context["adminform"].form.errors) == ["all_events"]

    def test_events_are_chosen_on_the_same_page(self, contoso: Tenant) -> None:
        owner, founder = sign_in("owner", contoso.organization), contoso.rows[Membership]
        form = read_form(owner, page(founder)) | {"role": "organizer"}
        form |= {"chosen_events-TOTAL_FORMS": "1", "chosen_events-0-event": str(contoso.event.pk)}
        del form["all_events"]
        assert owner.post(page(founder), form).status_code == 302
        content = owner.get(page(Membership, "changelist")).content.decode()
        assert "founder@contoso.example" in content
        assert "Contoso Cup" in content

    @pytest.mark.parametrize("deed", ["demote", "remove"])
    def test_the_last_owner_stays(self, deed: str, contoso: Tenant) -> None:
        """By an operator, whom no membership of their own holds back."""
        operator, founder = sign_in("operator", contoso.organization), contoso.rows[Membership]
        if deed == "demote":
            answer = operator.post(page(founder), read_form(operator, page(founder)) | {"role": "viewer"})
            assert "This is the last owner" in str(answer.context["adminform"].form.errors)
        else:
            answer = operator.post(page(founder, "delete"), {"post": "yes"}, follow=True)
            assert "This is the last owner" in answer.content.decode()
        assert list_members(contoso.organization) == {"founder@contoso.example": "owner"}

    def test_whoever_works_for_nobody_any_more_is_signed_out(self, contoso: Tenant, fabrikam: Tenant) -> None:
        owner = sign_in("owner", contoso.organization)
        leavers = [
            sign_in("viewer", contoso.organization),
            sign_in("viewer", contoso.organization, fabrikam.organization),
        ]
        for leaver in leavers:
            with organization_scope(contoso.organization.pk):
                membership = Membership.objects.get(user_id=leaver.session["_auth_user_id"])
            assert owner.post(page(membership, "delete"), {"post": "yes"}).status_code == 302
        assert [get_user(leaver).is_authenticated for leaver in leavers] == [False, True]


class TestUsers:
    def test_an_operator_makes_one_and_changes_the_password(self, contoso: Tenant) -> None:
        operator = sign_in("operator", contoso.organization)
        form = {"email": "Ann@Example.com", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
        assert operator.post(page(User, "add"), form).status_code == 302
        ann = User.objects.get(email="ann@example.com")
        assert ann.check_password(PASSWORD)
        form = {"usable_password": "true", "password1": f"{PASSWORD}!", "password2": f"{PASSWORD}!"}
        assert operator.post(f"/admin/accounts/user/{ann.pk}/password/", form).status_code == 302
        ann.refresh_from_db()
        assert ann.check_password(f"{PASSWORD}!")
        assert ann.password not in operator.get(page(ann)).content.decode()

    @pytest.mark.parametrize(
        ("email", "password"), [("FOUNDER@contoso.example", PASSWORD), ("new@example.com", "short")]
    )
    def test_bad_ones_are_refused(self, email: str, password: str, contoso: Tenant) -> None:
        form = {"email": email, "usable_password": "true", "password1": password, "password2": password}
        answer = sign_in("operator", contoso.organization).post(page(User, "add"), form)
        assert answer.status_code == 200
        assert len(answer.context["adminform"].form.errors) == 1

    def test_a_user_shows_whom_they_work_for(self, contoso: Tenant) -> None:
        founder = User.objects.get(email="founder@contoso.example")
        content = sign_in("operator", contoso.organization).get(page(founder)).content.decode()
        assert "Contoso Racing (Owner)" in content


class TestParticipants:
    @pytest.mark.parametrize(("is_known", "words"), [(False, "Has signed in with it"), (True, "Has not signed in yet")])
    def test_an_address_can_be_corrected_until_somebody_is_known_by_it(
        self, contoso: Tenant, is_known: bool, words: str
    ) -> None:
        ann, organizer = contoso.registration.participant, sign_in("organizer", contoso.organization)
        form = read_form(organizer, page(ann)) | {"email": "Anna@contoso.example"}
        assert organizer.post(page(ann), form).status_code == 302
        with organization_scope(contoso.organization.pk):
            assert Participant.objects.get().email == "Anna@contoso.example"
            if is_known:
                Registration.objects.update(directory_user_id="found")
            else:
                Participant.objects.update(user=UserFactory())
        answer = organizer.get(page(ann)).content.decode()
        assert 'name="email"' not in answer
        assert words in answer

    def test_an_address_that_is_taken_is_an_error_of_its_field(self, contoso: Tenant) -> None:
        enter(contoso.event, "bob@contoso.example")
        ann, organizer = contoso.registration.participant, sign_in("organizer", contoso.organization)
        answer = organizer.post(page(ann), read_form(organizer, page(ann)) | {"email": "BOB@contoso.example"})
        assert list(answer.context["adminform"].form.errors) == ["email"]


def test_an_organization_s_address_stays(contoso: Tenant) -> None:
    operator, address = sign_in("operator", contoso.organization), page(contoso.organization)
    assert operator.post(address, {"name": "Renamed", "slug": "taken-over"}).status_code == 302
    with across_tenants("the test looks from above"):
        assert Organization.objects.filter(name="Renamed", slug="contoso").exists()


@pytest.mark.parametrize(("name", "field"), [("sponsoringaccount", "account_id"), ("organization", "slug")])
def test_what_is_taken_is_an_error_of_its_field(name: str, field: str, contoso: Tenant) -> None:
    operator = sign_in("operator", contoso.organization)
    if name == "organization":
        answer = operator.post(page(Organization, "add"), {"name": "Other", "slug": "contoso"})
    else:
        account = account_of(contoso.event)
        form = read_form(operator, page(account)) | {"name": "Second"}
        answer = operator.post(page(type(account), "add"), form)
    assert list(answer.context["adminform"].form.errors) == [field]
