"""Roles that follow from claims, worked out anew at each sign-in."""

from paddock.accounts.models import User
from paddock.audit.recording import record
from paddock.sso.claims import Claims
from paddock.sso.models import ClaimRule, IdentityProvider, MappedMembership
from paddock.sso.signals import membership_mapped
from paddock.tenancy.admin_base import RANKS
from paddock.tenancy.leaving import end_sessions_of_leaver
from paddock.tenancy.models import Membership
from paddock.tenancy.owners import is_last_owner, lock_members


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
    if membership and not is_owner and is_last_owner(membership):
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
        _note(provider, membership, "got a role by single sign-on", [None, membership.get_role_display()])
    elif (membership.role, membership.all_events) != (role, all_events):
        before = membership.get_role_display()
        membership.role, membership.all_events = role, all_events
        membership.save(update_fields=["role", "all_events"])
        _note(provider, membership, "got another role by single sign-on", [before, membership.get_role_display()])
    membership_mapped.send(sender=Membership, membership=membership, rules=rules)


def _take(provider: IdentityProvider, membership: Membership) -> None:
    _note(provider, membership, "lost the role of single sign-on", [membership.get_role_display(), None])
    membership.delete()


def _note(provider: IdentityProvider, membership: Membership, action: str, change: list[str | None]) -> None:
    record(actor=None, action=action, about=membership, reason=f"Claims of {provider.name}", changes={"role": change})
