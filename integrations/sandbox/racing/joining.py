"""Racers who come for the first time."""

import re
from collections.abc import Sequence
from typing import Any

from integrations.sandbox.racing.accounts import Account, Profile
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.profiles import Roster, put_profile
from integrations.sandbox.racing.rules import Kind

_ALIAS = re.compile(r"[a-zA-Z0-9\-]{1,64}")


class JoiningRefused(Exception):
    """The racer cannot join; the text says why."""


def join(account: Account, racers: Sequence[dict[str, Any]], *, moment: Moment) -> list[Profile]:
    """First sign-ins; whoever joined before keeps their profile. Raises JoiningRefused, and then nobody has joined."""
    if account.kind is Kind.ON_AWS:
        return _sign_in(account, racers)
    if not account.active:
        raise JoiningRefused("Multi-user mode is off, so nobody can join.")
    for racer in racers:
        check_alias(racer["alias"])
    roster = Roster(account)
    return [_join(account, roster, racer["alias"], racer.get("email", ""), moment) for racer in racers]


def check_alias(alias: str) -> None:
    """Raises JoiningRefused."""
    if not _ALIAS.fullmatch(alias):
        raise JoiningRefused(f"'{alias}' is no racer name. Use 1 to 64 letters, digits and hyphens.")


def _join(account: Account, roster: Roster, alias: str, email: str, moment: Moment) -> Profile:
    known = roster.find(alias)
    if known is not None:
        return known
    profile = put_profile(account, alias=alias, moment=moment, email=email)
    roster.add(profile)
    return profile


def _sign_in(account: Account, racers: Sequence[dict[str, Any]]) -> list[Profile]:
    """DeepRacer on AWS: a profile is there since the invitation, and gets its alias from the racer."""
    by_email = {profile.email.lower(): profile for profile in account.profiles.values()}
    for racer in racers:
        if racer.get("email", "").lower() not in by_email:
            raise JoiningRefused(f"Nobody with the address '{racer.get('email', '')}' has been invited.")
    profiles = [by_email[racer["email"].lower()] for racer in racers]
    for profile, racer in zip(profiles, racers, strict=True):
        profile.alias, profile.signed_in = racer.get("alias") or profile.alias, True
    return profiles
