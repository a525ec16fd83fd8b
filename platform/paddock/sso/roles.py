"""Roles that follow from claims, worked out anew at each sign-in."""

from typing import Any

from paddock.accounts.models import User
from paddock.audit.recording import record
from paddock.sso.claims import Claims
from paddock.sso.models import ClaimRule, IdentityProvider, MappedMembership
from paddock.sso.signals import membership_mapped
from paddock.tenancy.admin_base import RANKS
from paddock.tenancy.leaving import end_sessions_of_leaver
from paddock.tenancy.models import Membership
from paddock.tenancy.owners import leaves_no_owner, lock_members


def map_roles(*, provider: IdentityProvider, user: User, claims: Claims) -> None:
    """Give, change or take the role that claims give. A membership by invitation is left alone, and the last owner."""
    # Before any member's row, as the members' pages do it: two who lock the other way round would wait for each other.
    lock_members()
    membership = Membership.objects.select_for_update(of=["self"]).filter(user=user).first()
    mapped = MappedMembership.objects.filter(membership=membership).exists() if membership else False
    if membership and not mapped:
        return
    rules = find_best_rules(provider, claims)
    is_owner = any(rule.role == Membership.Role.OWNER for rule in rules)
    if membership and not is_owner and leaves_no_owner([membership]):
        return
    if rules:
        _give(provider, user, membership, rules)
    elif membership:
        _take(provider, membership)
        end_sessions_of_leaver(user)


def find_best_rules(provider: IdentityProvider, claims: Claims) -> list[ClaimRule]:
    """Of the rules that fit, those with the highest role; several of them add up to more events."""
    fitting = [rule for rule in provider.rules.all() if rule.value in claims.values.get(rule.claim, [])]
    highest = max((RANKS[Membership.Role(rule.role)] for rule in fitting), default=None)
    return [rule for rule in fitting if RANKS[Membership.Role(rule.role)] == highest]


def _give(provider: IdentityProvider, user: User, membership: Membership | None, rules: list[ClaimRule]) -> None:
    role, all_events = rules[0].role, any(rule.all_events for rule in rules)
    if membership is None:
        membership = Membership.objects.create(user=user, role=role, all_events=all_events)
        MappedMembership.objects.create(membership=membership, provider=provider)
        _note(provider, membership, "got a role by single sign-on", {"role": [None, membership.get_role_display()]})
    elif (membership.role, membership.all_events) != (role, all_events):
        before = {"role": membership.get_role_display(), "all_events": membership.all_events}
        membership.role, membership.all_events = role, all_events
        membership.save(update_fields=["role", "all_events"])
        after = {"role": membership.get_role_display(), "all_events": membership.all_events}
        changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        _note(provider, membership, _name_change(changes), changes)
    membership_mapped.send(sender=Membership, membership=membership, rules=rules)


def _name_change(changes: dict[str, Any]) -> str:
    return f"got {'another role' if 'role' in changes else 'other events'} by single sign-on"


def _take(provider: IdentityProvider, membership: Membership) -> None:
    _note(provider, membership, "lost the role of single sign-on", {"role": [membership.get_role_display(), None]})
    membership.delete()


def _note(provider: IdentityProvider, membership: Membership, action: str, changes: dict[str, Any]) -> None:
    record(actor=None, action=action, about=membership, reason=f"Claims of {provider.name}", changes=changes)
