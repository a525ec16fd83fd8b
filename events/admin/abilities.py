"""What Paddock can do in a sponsoring account, with what it was given, in plain words."""

from django.template.loader import render_to_string

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.racing.protocol import Capabilities

# For each ability: what can be said where it is there, and where it is not.
WORDS: dict[str, tuple[str, str]] = {
    "has_mode": ("Switch multi-user mode on and off.", ""),
    "creates_profiles": (
        "Make racers' profiles before they come, and mail them a way in.",
        "Make racers' profiles: they make their own when they first sign in.",
    ),
    "invites": ("Invite racers; the deployment mails them itself.", ""),
    "pauses": (
        "Pause and resume racers.",
        "Pause racers: a quota of 0 minutes stands in for it.",
    ),
    "stops_jobs": ("End running jobs.", "End running jobs: they go on until they are through."),
    "counts_while_running": (
        "See used minutes grow while a job runs.",
        "See used minutes before a job has ended. Budgets count running jobs at worst instead.",
    ),
    "resets_monthly": ("", ""),
    "deletes_single_models": (
        "Delete single models.",
        "Delete single models: only all of a racer's at once.",
    ),
    "deletes_profiles": (
        "Delete racers' profiles.",
        "Delete racers' profiles: they can only be disabled.",
    ),
    "manages_races": ("Make, edit and close races.", "Make races: link those that were made elsewhere."),
    "has_race_tokens": (
        "Give out invitation links to races, and void old ones.",
        "Give out invitation links: everybody in the account sees its races.",
    ),
}
MONTHLY = "The service itself sets everybody's used minutes to 0 at the start of a month; Paddock's ledger keeps them."


def explain_abilities(account: SponsoringAccount) -> str:
    abilities = open_racing(account).capabilities
    context = {
        "can": _list(abilities, there=True),
        "cannot": [*_list(abilities, there=False), *_find_missing(account)],
        "note": MONTHLY if abilities.resets_monthly else "",
    }
    return render_to_string("admin/abilities.html", context)


def _list(abilities: Capabilities, *, there: bool) -> list[str]:
    sentences = [words[0 if there else 1] for name, words in WORDS.items() if getattr(abilities, name) is there]
    return [sentence for sentence in sentences if sentence]


def _find_missing(account: SponsoringAccount) -> list[str]:
    """What an owner could give it."""
    if account.is_multi_user or (account.admin_email and account.admin_password):
        return []
    return ["Read usage or set quotas, until an administrator's e-mail and password are saved here."]
