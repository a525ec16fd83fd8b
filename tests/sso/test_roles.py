"""Roles that follow from claims, at each sign-in anew."""

from typing import Any

import pytest

from events.models import ClaimRuleEvent
from paddock.accounts.models import User
from paddock.audit.models import AuditEntry
from paddock.sso.disconnecting import disconnect
from paddock.sso.models import ClaimRule, IdentityProvider
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope
from tests.sso.stage import connect
from tests.support.factories import EventFactory, MembershipFactory
from tests.support.single_sign_on import join

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"


def map_role(provider: IdentityProvider, value: str, role: str, claim: str = "groups", **fields: Any) -> ClaimRule:
    with organization_scope(provider.organization_id):
        return ClaimRule.objects.create(provider=provider, claim=claim, value=value, role=role, **fields)


def come(provider: IdentityProvider, *groups: str, **values: list[str]) -> Membership | None:
    """The membership that a sign-in with these groups leaves behind."""
    user = join(provider, ANN, values={"groups": list(groups)} | values)
    with organization_scope(provider.organization_id):
        return Membership.objects.filter(user=user).first()


@pytest.fixture
def provider() -> IdentityProvider:
    provider = connect()
    foreign = connect("Fabrikam")
    map_role(foreign, "staff", "owner")
    return provider


def test_the_highest_role_of_those_that_fit(provider: IdentityProvider) -> None:
    map_role(provider, "staff", "viewer")
    map_role(provider, "crew", "organizer")
    map_role(provider, "boss", "owner", claim="roles")
    with organization_scope(provider.organization_id):
        MembershipFactory(role="owner")  # the last one would stay
    cases: list[tuple[tuple[str, ...], dict[str, list[str]], str | None]] = [
        *((("staff",), {}, "viewer"), (("crew", "staff"), {}, "organizer")),
        *(((), {"roles": ["boss"]}, "owner"), (("boss",), {}, None), (("STAFF",), {}, None), ((), {}, None)),
    ]
    for groups, values, expected in cases:
        membership = come(provider, *groups, **values)
        assert (membership.role if membership else None) == expected, groups


def test_a_role_goes_with_its_claim_and_the_trail_tells_it(provider: IdentityProvider) -> None:
    map_role(provider, "crew", "organizer")
    for groups in (("crew",), ("crew",), ()):
        come(provider, *groups)
    with organization_scope(provider.organization_id):
        entries = AuditEntry.objects.filter(object_type="membership").order_by("id")
        assert [(each.action, each.changes["role"]) for each in entries] == [
            ("got a role by single sign-on", [None, "Organizer"]),
            ("lost the role of single sign-on", ["Organizer", None]),
        ]
        assert {each.actor_name for each in entries} == {"Paddock"}


def test_a_membership_by_invitation_is_left_alone(provider: IdentityProvider) -> None:
    map_role(provider, "crew", "organizer")
    user = join(provider, ANN)
    with organization_scope(provider.organization_id):
        MembershipFactory(user=user, role="viewer")
    for groups in (("crew",), ()):
        membership = come(provider, *groups)
        assert membership
        assert membership.role == "viewer"


def test_chosen_events_follow_the_rules(provider: IdentityProvider) -> None:
    with organization_scope(provider.organization_id):
        cup, derby, rally = EventFactory.create_batch(3)
    for group, events in (("crew", [cup, derby]), ("marshals", [derby, rally])):
        rule = map_role(provider, group, "organizer", all_events=False)
        with organization_scope(provider.organization_id):
            ClaimRuleEvent.objects.bulk_create(ClaimRuleEvent(rule=rule, event=event) for event in events)
    map_role(provider, "all", "organizer")
    for groups, all_events, events in (
        *((("crew",), False, [cup, derby]), (("crew", "marshals"), False, [cup, derby, rally])),
        *((("marshals",), False, [derby, rally]), (("all",), True, [])),
    ):
        membership = come(provider, *groups)
        assert membership
        with organization_scope(provider.organization_id):
            chosen = sorted(membership.chosen_events.values_list("event_id", flat=True))
        assert (membership.all_events, chosen) == (all_events, sorted(each.pk for each in events)), groups


def test_the_trail_tells_what_of_a_role_changed(provider: IdentityProvider) -> None:
    map_role(provider, "crew", "organizer", all_events=False)
    map_role(provider, "marshals", "organizer")
    map_role(provider, "guests", "viewer")
    for group in ("crew", "marshals", "guests"):
        come(provider, group)
    with organization_scope(provider.organization_id):
        entries = AuditEntry.objects.filter(object_type="membership").order_by("id")[1:]
        assert [(each.action, each.changes) for each in entries] == [
            ("got other events by single sign-on", {"all_events": [False, True]}),
            ("got another role by single sign-on", {"role": ["Organizer", "Viewer"]}),
        ]


def test_what_a_provider_gave_goes_with_it(provider: IdentityProvider) -> None:
    map_role(provider, "crew", "organizer")
    come(provider, "crew")
    with organization_scope(provider.organization_id):
        invited = MembershipFactory()
        disconnect(provider=provider, actor=User.objects.create_superuser("operator@paddock.example"))
        assert list(Membership.objects.all()) == [invited]
