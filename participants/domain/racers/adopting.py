"""Racers whom the service knows by a participant's e-mail address, under an id that is not of our choice."""

from collections.abc import Collection, Mapping

from django.db import transaction

from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import Profile, RacingService
from paddock.audit.recording import record
from participants.domain.racers.naming import find_racers
from participants.domain.usage.linking import lock_account, merge_profiles
from participants.models import Participant, RacerProfile


def find_by_email(*, service: RacingService, people: Collection[Participant]) -> dict[int, Profile]:
    """By the people's ids: page after page, until all of them are found. Raises IntegrationError."""
    wanted = {person.email.lower(): person.pk for person in people}
    found: dict[int, Profile] = {}
    for page in service.list_profiles() if wanted else ():
        found |= {wanted[email]: profile for profile in page if (email := profile.email.lower()) in wanted}
        if len(found) == len(wanted):
            break
    return found


def adopt_racers(
    *,
    account: SponsoringAccount,
    people: Collection[Participant],
    profiles: Mapping[int, Profile],
    by: RacerProfile.Link,
) -> dict[int, RacerProfile | IntegrationError]:
    """Say that these profiles, by the people's ids, are theirs. What a person has decided otherwise stays so."""
    with transaction.atomic():
        lock_account(account.pk)
        rows = find_racers(account=account, people=people)
        known = RacerProfile.objects.filter(
            sponsoring_account=account, service_id__in=[each.service_id for each in profiles.values()]
        )
        seen = {row.service_id: row for row in known.select_related("participant")}
        refusals = {
            person.pk: refusal
            for person in people
            if (refusal := _find_refusal(person, rows[person.pk], seen.get(profiles[person.pk].service_id)))
        }
        accepted = {pk: profile for pk, profile in profiles.items() if pk not in refusals}
        _link(account, rows, accepted, seen, by)
        return {**find_racers(account=account, people=people), **refusals}


def _find_refusal(person: Participant, own: RacerProfile, seen: RacerProfile | None) -> IntegrationError | None:
    if seen is None or seen.pk == own.pk:
        return None
    if seen.participant:
        return _refuse(f"The racer with the address {person.email} is linked to {seen.participant}. Unlink them first.")
    if seen.is_ignored or seen.linked_by or own.seen_at:
        return _refuse(
            f"The service knows {person.email} as the racer {seen}, whom a person has to link to {person}: by itself "
            "Paddock does not undo what somebody decided."
        )
    return None


def _refuse(sentence: str) -> IntegrationError:
    return IntegrationError(sentence, permanent=True, code="Linked")


def _link(
    account: SponsoringAccount,
    rows: Mapping[int, RacerProfile],
    profiles: Mapping[int, Profile],
    seen: Mapping[str, RacerProfile],
    by: RacerProfile.Link,
) -> None:
    """Rows that a look at the service has made take the place of those that were announced."""
    changing = {pk: profile for pk, profile in profiles.items() if rows[pk].service_id != profile.service_id}
    strangers = {pk: seen[profile.service_id] for pk, profile in changing.items() if profile.service_id in seen}
    RacerProfile.objects.filter(pk__in=[rows[pk].pk for pk in strangers]).update(service_id="", linked_by="")
    if strangers:
        merge_profiles({row.pk: pk for pk, row in strangers.items()}, account_id=account.pk, by=by)
    for pk in changing.keys() - strangers.keys():
        RacerProfile.objects.filter(pk=rows[pk].pk).update(service_id=changing[pk].service_id, linked_by=by)
    if changing:
        record(actor=None, action=f"linked racers to participants by e-mail address: {len(changing)}", about=account)
