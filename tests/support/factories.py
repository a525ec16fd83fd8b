"""Rows for tests, made the way the application makes them: inside an organization's scope."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from events.models import (
    DirectoryConnection,
    Event,
    EventAccount,
    IdentityCenterConnection,
    MailConnection,
    MailTemplate,
    Material,
    Question,
    SponsoringAccount,
)
from paddock.accounts.models import User
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants


class OrganizationFactory(factory.django.DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")

    @classmethod
    def _create(cls, model_class: type[Organization], *args: Any, **kwargs: Any) -> Organization:
        with across_tenants("only the deployment makes tenants"):
            return super()._create(model_class, *args, **kwargs)


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    login = factory.LazyAttribute(lambda user: user.email)


class TenantFactory(factory.django.DjangoModelFactory[Any]):
    class Meta:
        abstract = True


class MembershipFactory(TenantFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Membership.Role.ORGANIZER


class IdentityProviderFactory(TenantFactory):
    class Meta:
        model = IdentityProvider

    name = factory.Sequence(lambda n: f"Company sign-in {n}")
    domains = ["contoso.example"]
    issuer = "http://localhost:1/idp"
    client_id = "paddock"
    client_secret = "sandbox-secret"


class IdentityCenterConnectionFactory(TenantFactory):
    class Meta:
        model = IdentityCenterConnection

    name = "Company Identity Center"
    instance_arn = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
    identity_store_id = "d-1234567890"
    portal_url = "https://d-1234567890.awsapps.com/start"


class DirectoryConnectionFactory(TenantFactory):
    class Meta:
        model = DirectoryConnection

    name = "Contoso directory"
    kind = DirectoryConnection.Kind.ENTRA
    identity_center = factory.SubFactory(IdentityCenterConnectionFactory)
    entra_tenant_id = "11111111-1111-1111-1111-111111111111"
    client_id = "22222222-2222-2222-2222-222222222222"
    credential = "sandbox-secret"
    service_principal_id = "33333333-3333-3333-3333-333333333333"


class SponsoringAccountFactory(TenantFactory):
    class Meta:
        model = SponsoringAccount

    name = "Racing account"
    account_id = factory.Sequence(lambda n: f"{n:012d}")


class MailConnectionFactory(TenantFactory):
    class Meta:
        model = MailConnection

    kind = MailConnection.Kind.PINPOINT
    sender = "Racing League <racing@contoso.example>"
    pinpoint_application_id = "00000000000000000000000000000000"


class EventFactory(TenantFactory):
    class Meta:
        model = Event
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Race day {n}")
    slug = factory.Sequence(lambda n: f"race-day-{n}")
    is_published = True
    registration_opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    registration_closes_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=8))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=9))
    directory = factory.SubFactory(DirectoryConnectionFactory)

    @factory.post_generation
    def sponsoring_account(self: Any, create: bool, extracted: Any, **fields: Any) -> None:
        """The event's one account: a given one, or a new one with these fields."""
        EventAccount.objects.create(event=self, sponsoring_account=extracted or SponsoringAccountFactory(**fields))


class QuestionFactory(TenantFactory):
    class Meta:
        model = Question

    event = factory.SubFactory(EventFactory)
    key = factory.Sequence(lambda n: f"question_{n}")
    label = "A question?"


class MaterialFactory(TenantFactory):
    class Meta:
        model = Material

    event = factory.SubFactory(EventFactory)
    group = "Start here"
    title = "First lap"
    url = "https://example.com/first-lap"


class MailTemplateFactory(TenantFactory):
    class Meta:
        model = MailTemplate

    event = factory.SubFactory(EventFactory)
    kind = MailTemplate.Kind.WELCOME
    subject = "You're in"
    body = "{{access_url}}"
