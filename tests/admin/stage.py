"""Organizations with one row of every kind, and people who sign in to look at them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.domain.invitations.inviting import invite
from events.domain.lookup import load_event
from events.models import (
    Budget,
    DirectoryConnection,
    Event,
    IdentityCenterConnection,
    Intake,
    Invitation,
    MailConnection,
    ParticipantGroup,
    QuotaPolicy,
    Race,
    SponsoringAccount,
)
from paddock.accounts.models import User
from paddock.api.models import ApiKey
from paddock.audit.models import AuditEntry, RowChange
from paddock.audit.recording import record
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Membership, OperatorSession, Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.applicants import Applicant
from participants.domain.registration import register
from participants.models import (
    Announcement,
    EventInvitation,
    Message,
    Operation,
    Participant,
    RacerProfile,
    Registration,
    Step,
    TrainedModel,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from tests.support.factories import (
    EventFactory,
    IdentityProviderFactory,
    MailConnectionFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
)
from tests.support.world import account_of

CREDENTIAL = "the-credential-nobody-sees"
SMTP_PASSWORD = "the-smtp-password-nobody-sees"
ADMIN_PASSWORD = "the-admin-password-nobody-sees"
CLIENT_SECRET = "the-client-secret-nobody-sees"
SECRETS = (CREDENTIAL, SMTP_PASSWORD, ADMIN_PASSWORD, CLIENT_SECRET)
ROLES = ("viewer", "organizer", "owner", "operator")


@dataclass(frozen=True)
class Tenant:
    """`mark` is in the name of every row, so that a page can be searched for what it must not show."""

    mark: str
    organization: Organization
    event: Event
    registration: Registration
    message: Message

    @property
    def group(self) -> ParticipantGroup:
        group, _ = ParticipantGroup.objects.get_or_create(event=self.event, name=f"{self.mark} group")
        return group

    @property
    def key(self) -> ApiKey:
        known = {"prefix": f"{self.organization.pk:08d}", "scopes": ["people:read"]}
        key, _ = ApiKey.objects.get_or_create(name=f"{self.mark} key", defaults=known)
        return key

    @property
    def model(self) -> TrainedModel:
        profile = RacerProfile.objects.get(participant=self.registration.participant)
        known = {"name": f"{self.mark} model", "status": "ready", "seen_at": timezone.now()}
        model, _ = TrainedModel.objects.get_or_create(profile=profile, service_id="model-1", defaults=known)
        return model

    @property
    def guest(self) -> EventInvitation:
        words, _ = Announcement.objects.get_or_create(event=self.event, subject=f"{self.mark} invites", body="Come")
        email = f"guest@{self.mark.lower()}.example"
        return EventInvitation.objects.get_or_create(event=self.event, email=email, defaults={"announcement": words})[0]

    @property
    def delivery(self) -> WebhookDelivery:
        about = {"event": self.event, "registration": self.registration}
        endpoint, _ = WebhookEndpoint.objects.get_or_create(url="https://example.com/", description=self.mark)
        message, _ = WebhookMessage.objects.get_or_create(type="access.verified", body="{}", **about)
        delivery, _ = WebhookDelivery.objects.get_or_create(endpoint=endpoint, message=message, state="done")
        return delivery

    @property
    def invitation(self) -> Invitation:
        known = Invitation.objects.first()
        email, owner = f"guest@{self.mark.lower()}.example", Membership.objects.filter(role="owner")[0]
        return known or invite(inviter=owner.user, email=email, role=Membership.Role.VIEWER)

    @property
    def operator_session(self) -> OperatorSession:
        """One that is over."""
        now, known = timezone.now(), User.objects.filter(is_superuser=True).first()
        operator = known or User.objects.create_superuser("gone@paddock.example")
        with organization_scope(self.organization.pk):
            over = OperatorSession.objects.exclude(ended_at=None).first()
            return over or OperatorSession.objects.create(user=operator, reason="Over", ends_at=now, ended_at=now)

    @property
    def rows(self) -> dict[type[Model], Model]:
        """A row of every model that has a page, by its model."""
        with organization_scope(self.organization.pk):
            step = self.registration.steps.order_by("id").first()
            membership = Membership.objects.order_by("id").first()
            assert step
            assert membership
            return {
                Event: self.event,
                DirectoryConnection: self.event.directory,
                IdentityCenterConnection: self.event.directory.identity_center,
                SponsoringAccount: account_of(self.event),
                Intake: Intake.objects.get_or_create(event=self.event, defaults={"table_name": f"{self.mark}-table"})[
                    0
                ],
                Budget: Budget.objects.get_or_create(event=self.event, defaults={"amount": 100_000_000})[0],
                MailConnection: MailConnection.objects.get(),
                Membership: membership,
                Invitation: self.invitation,
                IdentityProvider: IdentityProvider.objects.get(),
                Race: Race.objects.get_or_create(event=self.event, name=f"{self.mark} race", url="https://example.com")[
                    0
                ],
                Registration: self.registration,
                Participant: self.registration.participant,
                RacerProfile: RacerProfile.objects.get(participant=self.registration.participant),
                TrainedModel: self.model,
                EventInvitation: self.guest,
                Step: step,
                Message: self.message,
                AuditEntry: AuditEntry.objects.first()
                or record(actor=None, action="opened", about=self.registration, event_id=self.event.pk),
                RowChange: RowChange.objects.filter(object_type="event").earliest("id"),
                ParticipantGroup: self.group,
                QuotaPolicy: QuotaPolicy.objects.get_or_create(event=self.event, group=self.group)[0],
                ApiKey: self.key,
                Operation: Operation.objects.get_or_create(event=self.event, title=f"{self.mark} operation")[0],
                WebhookEndpoint: self.delivery.endpoint,
                WebhookDelivery: self.delivery,
            }


def build_tenant(mark: str) -> Tenant:
    organization = OrganizationFactory(name=f"{mark} Racing", slug=mark.lower())
    with organization_scope(organization.pk):
        MembershipFactory(user__email=f"founder@{mark.lower()}.example", role="owner")
        IdentityProviderFactory(
            name=f"{mark} sign-in",
            domains=[f"{mark.lower()}.example"],
            issuer="",
            client_secret=CLIENT_SECRET,
            is_active=False,
        )
        MailConnectionFactory(sender=f"{mark} <a@{mark.lower()}.example>", smtp_password=SMTP_PASSWORD)
        event = EventFactory(
            title=f"{mark} Cup",
            directory__name=f"{mark} directory",
            directory__credential=CREDENTIAL,
            directory__identity_center__name=f"{mark} center",
            sponsoring_account__name=f"{mark} account",
            sponsoring_account__admin_password=ADMIN_PASSWORD,
        )
    registration = enter(event, f"ann@{mark.lower()}.example")
    return Tenant(mark, organization, event, registration, write_message(registration))


def enter(event: Event, email: str) -> Registration:
    """Register somebody, without anything that follows from it."""
    with organization_scope(event.organization_id):
        full = load_event(event.pk)
        registration, _ = register(
            event=full, applicant=Applicant(email, "Ann", email.title()[:20].replace("@", ""), "", {})
        )
    return registration


def write_message(registration: Registration, **fields: Any) -> Message:
    with organization_scope(registration.organization_id):
        email = registration.participant.email
        words = {"subject": f"Hello {email}", "text": "Words", "html": "<h1>Welcome, Ann</h1>"}
        return Message.objects.create(registration=registration, kind="welcome", recipient=email, **words | fields)


def set_steps(registration: Registration, kind: str, **fields: Any) -> None:
    with organization_scope(registration.organization_id):
        Step.objects.filter(registration=registration, kind=kind).update(**fields)


def sign_in(role: str, *organizations: Organization, events: list[Event] | None = None) -> Client:
    """A client of somebody who is this in each of the organizations; `events` limits them to chosen ones."""
    user = User.objects.create_superuser("operator@paddock.example") if role == "operator" else UserFactory()
    for organization in organizations if role != "operator" else ():
        with organization_scope(organization.pk):
            membership = MembershipFactory(user=user, role=role, all_events=events is None)
            for event in events or []:
                membership.chosen_events.create(event=event)
    client = Client()
    client.force_login(user)
    if role == "operator":
        for organization in organizations:
            enter_as_operator(client, organization)
    elif organizations:
        client.post(reverse("admin:switch_organization", args=[organizations[0].slug]))
    return client


def enter_as_operator(client: Client, organization: Organization, **answers: Any) -> Any:
    given = {"tenant": organization.pk, "minutes": 30, "reason": "A question of theirs", **answers}
    return client.post(reverse("admin:tenancy_operatorsession_add"), given)


def page(row: Model | type[Model], what: str = "change") -> str:
    """The address of a page about a row, or of a model's list."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}"
    return reverse(name, args=[row.pk]) if isinstance(row, Model) else reverse(name)
