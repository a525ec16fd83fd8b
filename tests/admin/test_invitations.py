"""People are invited by mail, and become members by accepting with the address that was invited."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import EventAccess, Invitation, MailConnection
from paddock.accounts.models import User
from paddock.audit.models import AuditEntry
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.domain import invitation_mails
from participants.tasks import mail_due_invitations, mail_invitation
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, page, sign_in
from tests.support import single_sign_on
from tests.support.factories import IdentityProviderFactory, MembershipFactory
from tests.support.sandbox import Sandbox
from tests.support.world import build_organization

ADD = "/admin/events/invitation/add/"
ANN = "ann@new.example"


def invite(client: Client, **changes: Any) -> Any:
    form = read_form(client, ADD) | {"email": ANN} | changes
    return client.post(ADD, {name: value for name, value in form.items() if value != ""})


def find(organization: Organization) -> Invitation:
    with organization_scope(organization.pk):
        return Invitation.objects.select_related("accepted_by").get()


def link(organization: Organization) -> str:
    return reverse("participants:invitation", args=[organization.slug, find(organization).token])


def change(organization: Organization, **fields: Any) -> None:
    with organization_scope(organization.pk):
        Invitation.objects.update(**fields)


def act(client: Client, organization: Organization, deed: str) -> Any:
    return client.post(
        reverse(f"admin:events_invitation_{deed}", args=[find(organization).pk]), {"_form_submitted": "on"}
    )


def become(email: str, **fields: Any) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(email, **fields))
    return client


def list_members(organization: Organization) -> dict[str, str]:
    with organization_scope(organization.pk):
        return dict(Membership.objects.values_list("user__email", "role"))


def list_deeds(organization: Organization) -> list[str]:
    with organization_scope(organization.pk):
        return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


@pytest.fixture
def owner(contoso: Tenant, fabrikam: Tenant) -> Client:
    return sign_in("owner", contoso.organization)


class TestInviting:
    def test_it_is_kept_without_its_token(self, owner: Client, contoso: Tenant) -> None:
        assert invite(owner, email="Ann@New.example").status_code == 302
        invitation = find(contoso.organization)
        assert (invitation.email, invitation.role, invitation.all_events) == (ANN, "viewer", True)
        assert invitation.token not in invitation.token_hash
        assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
        assert ANN not in list_members(contoso.organization)
        assert list_deeds(contoso.organization)[-1] == "invited somebody to the organization"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"email": "founder@contoso.example"}, "is a member already"),
            ({"email": "nonsense"}, "valid email"),
            ({"role": "king"}, "Select a valid choice"),
            ({"role": "owner", "all_events": ""}, "looks after the whole organization"),
            ({"all_events": ""}, "Choose at least one event"),
            ({"all_events": "", "chosen": "{fabrikam}"}, "Select a valid choice"),
        ],
    )
    def test_what_cannot_be_says_why(
        self, changes: dict[str, str], sentence: str, owner: Client, contoso: Tenant, fabrikam: Tenant
    ) -> None:
        given = {name: value.format(fabrikam=fabrikam.event.pk) for name, value in changes.items()}
        answer = invite(owner, **given)
        assert answer.status_code == 200
        assert sentence in str(answer.context["adminform"].form.errors)
        with organization_scope(contoso.organization.pk):
            assert not Invitation.objects.exists()

    def test_one_address_is_invited_once(self, owner: Client, contoso: Tenant) -> None:
        invite(owner)
        assert "invited already" in str(invite(owner, email=ANN.upper()).context["adminform"].form.errors)
        act(owner, contoso.organization, "withdraw")
        assert invite(owner).status_code == 302

    @pytest.mark.parametrize("setting", ["INVITATION_RATE_PER_ORGANIZATION", "INVITATION_RATE_PER_INVITER"])
    def test_there_are_only_so_many(
        self, setting: str, owner: Client, contoso: Tenant, fabrikam: Tenant, settings: LazySettings
    ) -> None:
        setattr(settings, setting, "2/60")
        for number in range(4):
            invite(owner, email=f"{number}@new.example")
        with organization_scope(contoso.organization.pk):
            assert Invitation.objects.count() == 2
        assert "Too many invitations" in owner.get("/admin/").content.decode()
        assert invite(sign_in("owner", fabrikam.organization)).status_code == 302

    def test_nobody_else_sees_or_answers_it(self, owner: Client, contoso: Tenant, fabrikam: Tenant) -> None:
        invite(owner)
        outsider = sign_in("owner", fabrikam.organization)
        assert ANN not in outsider.get(page(Invitation, "changelist")).content.decode()
        for deed in ("send_again", "withdraw"):
            assert act(outsider, contoso.organization, deed).status_code in {302, 403, 404}
        assert find(contoso.organization).state == Invitation.State.PENDING


class TestAccepting:
    @pytest.fixture
    def address(self, owner: Client, contoso: Tenant) -> str:
        invite(owner, role="organizer", all_events="", chosen=str(contoso.event.pk))
        return link(contoso.organization)

    def test_the_page_names_organization_role_and_inviter(self, address: str, contoso: Tenant, client: Client) -> None:
        answer = client.get(address)
        content = answer.content.decode()
        for words in ("Contoso Racing", "Organizer", "Contoso Cup", ANN, find(contoso.organization).invited_by.email):
            assert words in content, words
        assert answer.headers["Cache-Control"] == "no-store"
        assert client.post(address).status_code == 200
        assert ANN not in list_members(contoso.organization)

    def test_whoever_has_the_address_becomes_a_member_once(self, address: str, contoso: Tenant) -> None:
        client = become("ANN@new.example")
        assert client.post(address).status_code == 302
        assert list_members(contoso.organization)[ANN] == "organizer"
        with organization_scope(contoso.organization.pk):
            assert EventAccess.objects.get(membership__user__email=ANN).event_id == contoso.event.pk
        invitation = find(contoso.organization)
        assert invitation.state == Invitation.State.ACCEPTED
        assert invitation.accepted_by == User.objects.get(email=ANN)
        assert list_deeds(contoso.organization)[-1] == "accepted an invitation"
        assert "Contoso Cup" in client.get("/admin/").content.decode()
        used = Invitation.State.ACCEPTED
        assert used == find(contoso.organization).state

    @pytest.mark.parametrize(
        ("fields", "status", "sentence"),
        [
            ({"expires_at": timezone.now()}, 410, "has expired"),
            ({"withdrawn_at": timezone.now()}, 410, "was withdrawn"),
            ({"accepted_at": timezone.now()}, 410, "was accepted already"),
            ({"token_hash": "of another link"}, 404, "No such invitation"),
        ],
    )
    def test_what_is_over_is_over(
        self, fields: dict[str, Any], status: int, sentence: str, address: str, contoso: Tenant
    ) -> None:
        change(contoso.organization, **fields)
        client = become(ANN)
        for method in ("get", "post"):
            answer = getattr(client, method)(address)
            assert answer.status_code == status
            assert sentence in answer.content.decode()
        assert ANN not in list_members(contoso.organization)

    def test_a_link_is_of_its_organization(self, address: str, client: Client) -> None:
        assert client.get(address.replace("contoso", "fabrikam")).status_code == 404

    @pytest.mark.parametrize(
        ("email", "operates", "sentence"),
        [
            ("bob@new.example", False, "is for ann@new.example, and you are signed in as bob@new.example"),
            (ANN, True, "Operators of this Paddock enter an organization by a session"),
        ],
    )
    def test_the_link_alone_is_not_enough(
        self, email: str, operates: bool, sentence: str, address: str, contoso: Tenant
    ) -> None:
        client = become(email, is_superuser=operates)
        assert sentence in client.get(address).content.decode()
        assert sentence in client.post(address).content.decode()
        assert email not in list_members(contoso.organization)

    @pytest.mark.parametrize(
        ("whose", "claims", "accepted"),
        [("contoso", True, True), ("fabrikam", True, False), ("fabrikam", False, True)],
    )
    def test_an_organization_s_own_provider_says_whose_its_addresses_are(
        self, whose: str, claims: bool, accepted: bool, address: str, contoso: Tenant, fabrikam: Tenant
    ) -> None:
        providers = {}
        for tenant in (contoso, fabrikam):
            is_claimed = claims or tenant is fabrikam
            with organization_scope(tenant.organization.pk):
                IdentityProvider.objects.all().delete()
                domains = ["new.example" if is_claimed else "contoso.example"]
                providers[tenant.mark.lower()] = IdentityProviderFactory(domains=domains)
        client = single_sign_on.sign_in(Client(), single_sign_on.join(providers[whose], ANN))
        client.post(address)
        assert (ANN in list_members(contoso.organization)) == accepted
        if not accepted:
            assert "sign-in of another organization" in client.get(address).content.decode()

    def test_it_leads_to_the_organization_s_own_sign_in(self, address: str, contoso: Tenant, client: Client) -> None:
        with organization_scope(contoso.organization.pk):
            IdentityProvider.objects.all().delete()
        assert "Sign in with Contoso Racing" not in client.get(address).content.decode()
        with organization_scope(contoso.organization.pk):
            IdentityProviderFactory()
        assert "/sign-in/contoso/?next=%2Fjoin%2Fcontoso%2F" in client.get(address).content.decode()

    def test_a_local_account_that_works_for_nobody_yet_may_sign_in_for_it(self, address: str) -> None:
        User.objects.create_user(ANN, "correct horse battery")
        client, credentials = Client(), {"username": ANN, "password": "correct horse battery"}
        assert client.post("/admin/login/", credentials).status_code == 200
        answer = client.post(f"/admin/login/?next={address}", credentials | {"next": address})
        assert (answer.status_code, answer.url) == (302, address)

    def test_sent_again_it_has_a_new_link_and_new_time(self, address: str, owner: Client, contoso: Tenant) -> None:
        change(contoso.organization, expires_at=timezone.now())
        act(owner, contoso.organization, "send_again")
        assert find(contoso.organization).expires_at > timezone.now() + timedelta(days=6)
        client = become(ANN)
        assert client.post(address).status_code == 404
        assert client.post(link(contoso.organization)).status_code == 302
        for deed in ("send_again", "withdraw"):
            act(owner, contoso.organization, deed)
        assert find(contoso.organization).state == Invitation.State.ACCEPTED


class TestMails:
    @pytest.fixture
    def organization(self, db: None, sandbox: Sandbox) -> Organization:
        organization = build_organization(sandbox)
        with organization_scope(organization.pk):
            MembershipFactory(user__email="boss@contoso.example", user__name="Bea {{Boss}}", role="owner")
        return organization

    @pytest.fixture
    def client(self, organization: Organization) -> Client:
        client = Client()
        client.force_login(User.objects.get(email="boss@contoso.example"))
        return client

    def deliver(self, organization: Organization) -> Invitation:
        with across_tenants("a test plays the sweep"):
            due = invitation_mails.find_due_invitations()
        for each in due:
            mail_invitation(**each._asdict())
        return find(organization)

    def test_it_goes_out_once_with_its_link(self, sandbox: Sandbox, organization: Organization, client: Client) -> None:
        invite(client, role="organizer")
        address = link(organization)
        invitation = self.deliver(organization)
        self.deliver(organization)
        (mail,) = sandbox.mailbox(to=ANN)
        for words in (address, str(organization), "Organizer", "Bea { {Boss}}"):
            assert words in mail["text"], words
            assert words in mail["html"], words
        assert (invitation.mail_state, invitation.token) == ("sent", "")

    def test_what_went_wrong_is_seen_and_tried_again(
        self, sandbox: Sandbox, organization: Organization, client: Client
    ) -> None:
        with organization_scope(organization.pk):
            role_arn = MailConnection.objects.get().role_arn
            MailConnection.objects.update(role_arn="arn:aws:iam::111111111111:role/Nobody")
        invite(client)
        address = link(organization)
        assert self.deliver(organization).mail_state == "failed"
        assert "AWS did not let Paddock assume the role" in client.get(page(find(organization))).content.decode()
        assert self.deliver(organization).mail_attempts == 1  # not due
        with organization_scope(organization.pk):
            MailConnection.objects.update(role_arn=role_arn)
        change(organization, mail_due_at=timezone.now())
        assert (self.deliver(organization).mail_state, find(organization).mail_error) == ("sent", "")
        assert address in sandbox.mailbox(to=ANN)[0]["text"]

    @pytest.mark.parametrize("fields", [{"expires_at": timezone.now()}, {"withdrawn_at": timezone.now()}])
    def test_what_is_over_is_not_mailed(
        self, fields: dict[str, Any], sandbox: Sandbox, organization: Organization, client: Client
    ) -> None:
        invite(client)
        change(organization, **fields)
        self.deliver(organization)
        assert sandbox.mailbox(to=ANN) == []

    def test_a_worker_that_died_is_taken_over_with_the_same_link(
        self, sandbox: Sandbox, organization: Organization, client: Client
    ) -> None:
        invite(client)
        address = link(organization)
        change(organization, mail_state="sending", mail_attempts=1, mail_due_at=timezone.now())
        assert self.deliver(organization).mail_state == "sent"
        assert address in sandbox.mailbox(to=ANN)[0]["text"]

    def test_without_a_mail_connection_it_waits(self, organization: Organization, client: Client) -> None:
        with organization_scope(organization.pk):
            MailConnection.objects.all().delete()
        invite(client)
        assert "No mail connection is set up" in self.deliver(organization).mail_error


def test_the_sweep_finds_them_all(owner: Client, contoso: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    invite(owner)
    rung: list[dict[str, int]] = []
    monkeypatch.setattr(mail_invitation, "apply_async", lambda kwargs, expires: rung.append(kwargs))
    mail_due_invitations()
    assert rung == [{"organization_id": contoso.organization.pk, "invitation_id": find(contoso.organization).pk}]
