"""Looking people up by their address, fifteen a filter, and inviting guests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.chunks import chunks
from integrations.directories.addresses import address_key
from integrations.directories.entra.client import GraphAnswer, GraphClient, GraphRequest
from integrations.directories.names import presentable_name
from integrations.directories.protocol import Person
from integrations.errors import IntegrationError

# Graph refuses filters of more expressions.
ADDRESSES_PER_FILTER = 15
_FIELDS = "id,mail,userPrincipalName,userType,accountEnabled,givenName,surname,displayName"


@dataclass(frozen=True)
class User:
    id: str
    enabled: bool
    guest: bool
    given_name: str
    family_name: str
    display_name: str


FoundUser = User | IntegrationError | None


def find_users(client: GraphClient, emails: Sequence[str]) -> dict[str, FoundUser]:
    """Each address is sought as a mail address first, then as a sign-in name."""
    wanted = list(dict.fromkeys(emails))
    found = _look_up(client, "mail", wanted, ADDRESSES_PER_FILTER)
    unknown = [email for email in wanted if found[email] is None]
    return found | _look_up(client, "userPrincipalName", unknown, ADDRESSES_PER_FILTER)


def _look_up(client: GraphClient, attribute: str, emails: Sequence[str], size: int) -> dict[str, FoundUser]:
    portions = list(chunks(emails, size))
    answers = client.batch([GraphRequest("GET", _filter_path(attribute, portion)) for portion in portions])
    found: dict[str, FoundUser] = {}
    refused: list[str] = []
    for portion, answer in zip(portions, answers, strict=True):
        if isinstance(answer, GraphAnswer) and answer.status == 400 and len(portion) > 1:
            # One address that Graph cannot read would cost the other fourteen their answer.
            refused += portion
        else:
            found |= _read_answer(attribute, portion, answer)
    return found | (_look_up(client, attribute, refused, 1) if refused else {})


def _filter_path(attribute: str, emails: Sequence[str]) -> str:
    literals = ",".join(quote_literal(email) for email in emails)
    return f"/users?$filter={quote(f'{attribute} in ({literals})', safe='')}&$select={_FIELDS}"


def quote_literal(text: str) -> str:
    """An OData string literal: a quote within it is doubled, and nothing else can end it."""
    return "'" + text.replace("'", "''") + "'"


def _read_answer(attribute: str, emails: Sequence[str], answer: GraphAnswer | IntegrationError) -> dict[str, FoundUser]:
    if isinstance(answer, IntegrationError):
        return dict.fromkeys(emails, answer)
    if not answer.accepted:
        return dict.fromkeys(emails, answer.refusal())
    # The best match of an address comes last and stays.
    records = sorted(answer.body.get("value", []), key=_preference)
    by_address = {address_key(str(record.get(attribute) or "")): _to_user(record) for record in records}
    return {email: by_address.get(address_key(email)) for email in emails}


def _preference(record: dict[str, Any]) -> tuple[bool, bool, str]:
    """Two accounts may share an address: one that can sign in goes before, then one of the tenant's own."""
    return record.get("accountEnabled") is not False, record.get("userType") != "Guest", str(record["id"])


def _to_user(record: dict[str, Any]) -> User:
    return User(
        id=str(record["id"]),
        enabled=record.get("accountEnabled") is not False,
        guest=record.get("userType") == "Guest",
        given_name=record.get("givenName") or "",
        family_name=record.get("surname") or "",
        display_name=record.get("displayName") or "",
    )


def refuse_disabled(email: str) -> IntegrationError:
    return IntegrationError(
        f"The account of {email} is disabled in Microsoft Entra. Ask the directory's administrator to enable it, or "
        "let the person register with another address.",
        permanent=True,
        code="AccountDisabled",
    )


def invite(client: GraphClient, people: Sequence[Person], *, landing_url: str) -> dict[str, str | IntegrationError]:
    """Invites strangers as guests, without a mail from Microsoft, and gives them the names that were registered."""
    answers = client.batch([GraphRequest("POST", "/invitations", _invitation(p, landing_url)) for p in people])
    outcomes = {p.email: _read_invitation(a) for p, a in zip(people, answers, strict=True)}
    strangers = [(p, i, _names(p, None)) for p in people if isinstance(i := outcomes[p.email], str)]
    return outcomes | _write_names(client, strangers)


def complete_names(client: GraphClient, guests: dict[str, tuple[Person, User]]) -> dict[str, str | IntegrationError]:
    """Adds the names that guests lack: Identity Center takes nobody who has no given, family and display name."""
    lacking = [(p, u.id, names) for p, u in guests.values() if (names := _names(p, u))]
    return {email: user.id for email, (_, user) in guests.items()} | _write_names(client, lacking)


def _invitation(person: Person, landing_url: str) -> dict[str, Any]:
    return {
        "invitedUserEmailAddress": person.email,
        "invitedUserDisplayName": _display_name(person),
        "inviteRedirectUrl": landing_url,
        "sendInvitationMessage": False,
    }


def _read_invitation(answer: GraphAnswer | IntegrationError) -> str | IntegrationError:
    if isinstance(answer, IntegrationError):
        return answer
    if answer.accepted:
        return str(answer.body["invitedUser"]["id"])
    if "already exists" in answer.message:
        # Somebody else was quicker and the look-up did not show it yet.
        return IntegrationError("The person has just been added to the directory.", retry_after=5, code=answer.code)
    if answer.code == "Authorization_RequestDenied":
        return IntegrationError(
            "Microsoft Entra does not let Paddock invite guests. Grant the application User.Invite.All and "
            "User.ReadWrite.All with admin consent, or check the tenant's external collaboration settings.",
            permanent=True,
            code=answer.code,
        )
    return answer.refusal()


def _names(person: Person, user: User | None) -> dict[str, str]:
    """The fields that the person's names can fill and that are empty as yet."""
    known = (
        {"givenName": user.given_name, "surname": user.family_name, "displayName": user.display_name} if user else {}
    )
    registered = {
        "givenName": presentable_name(person.given_name),
        "surname": presentable_name(person.family_name),
        "displayName": _display_name(person),
    }
    return {name: value for name, value in registered.items() if value and not known.get(name)}


def _display_name(person: Person) -> str:
    return presentable_name(f"{person.given_name} {person.family_name}") or person.email


def _write_names(
    client: GraphClient, entries: Sequence[tuple[Person, str, dict[str, str]]]
) -> dict[str, str | IntegrationError]:
    answers = client.batch([GraphRequest("PATCH", f"/users/{quote(i, safe='')}", names) for _, i, names in entries])
    return {p.email: _read_naming(i, a) for (p, i, _), a in zip(entries, answers, strict=True)}


def _read_naming(user_id: str, answer: GraphAnswer | IntegrationError) -> str | IntegrationError:
    if isinstance(answer, IntegrationError):
        return answer
    if answer.accepted:
        return user_id
    if answer.status == 404:
        return IntegrationError("The new guest is not visible in the directory yet.", retry_after=5, code=answer.code)
    return answer.refusal()
