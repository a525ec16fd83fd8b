"""Making racers known to a service that takes them before they come."""

from collections.abc import Collection, Mapping

from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import EMAIL_EXISTS, NewRacer, RacingService
from participants.domain.racers.adopting import adopt_racers, find_by_email
from participants.domain.racers.naming import name_racers
from participants.models import Participant, RacerProfile

Racers = dict[int, RacerProfile | IntegrationError]

UNLINKED = IntegrationError(
    "A person unlinked the racer that Paddock made for them. Link them again, then try again.", permanent=True
)
INVITED = IntegrationError("The service has taken the invitation, but does not list the racer yet.", retry_after=5)


def admit_racers(*, service: RacingService, account: SponsoringAccount, people: Collection[Participant]) -> Racers:
    """The racers of these people, by the people's ids. They exist, and nobody can sign in as one of them yet.

    Whom the service knows under another id is taken as they are. May be done again. Raises IntegrationError.
    """
    if service.capabilities.invites:
        return _invite(service, account, people)
    rows = name_racers(account=account, people=people)
    admitted = _create(service, people, rows)
    elsewhere = [person for person in people if _has_code(admitted[person.pk], EMAIL_EXISTS)]
    return admitted | _adopt(service, account, elsewhere) if elsewhere else admitted


def _create(service: RacingService, people: Collection[Participant], rows: Mapping[int, RacerProfile]) -> Racers:
    named = [person for person in people if person.pk in rows]
    answers = service.create_profiles(
        [NewRacer(rows[each.pk].service_id, each.email, rows[each.pk].alias) for each in named]
    )
    made: Racers = {each.pk: answers[rows[each.pk].service_id] or rows[each.pk] for each in named}
    return dict.fromkeys((person.pk for person in people), UNLINKED) | made


def _has_code(answer: RacerProfile | IntegrationError, code: str) -> bool:
    return isinstance(answer, IntegrationError) and answer.code == code


def _adopt(service: RacingService, account: SponsoringAccount, people: Collection[Participant]) -> Racers:
    """What is not listed under the address stays refused, with the service's own sentence."""
    profiles = find_by_email(service=service, people=people)
    known = [person for person in people if person.pk in profiles]
    adopted = adopt_racers(account=account, people=known, profiles=profiles, by=RacerProfile.Link.EMAIL)
    rows = {pk: row for pk, row in adopted.items() if isinstance(row, RacerProfile)}
    created = _create(service, [person for person in known if person.pk in rows], rows)
    return {pk: created.get(pk, answer) for pk, answer in adopted.items()}


def _invite(service: RacingService, account: SponsoringAccount, people: Collection[Participant]) -> Racers:
    """The service chooses the ids, and names them in its list alone."""
    answers = service.create_profiles([NewRacer("", person.email, "") for person in people])
    refused = {person.pk: error for person in people if (error := answers[person.email])}
    invited = [person for person in people if person.pk not in refused]
    profiles = find_by_email(service=service, people=invited)
    listed = [person for person in invited if person.pk in profiles]
    missing = dict.fromkeys((person.pk for person in invited), INVITED)
    return (
        missing | refused | adopt_racers(account=account, people=listed, profiles=profiles, by=RacerProfile.Link.MADE)
    )
