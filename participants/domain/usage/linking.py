"""Saying which participant a racer of the service is."""

from collections.abc import Collection, Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from events.models import SponsoringAccount
from paddock.audit.recording import record
from paddock.bulk import delete_rows, write_values
from participants.domain.usage.attribution import find_deciding
from participants.domain.usage.ledger import attribute_usage, release_usage
from participants.models import Participant, RaceResult, RacerProfile


class LinkRefused(Exception):
    """The message tells a person what to do first."""


def link_profile(
    *,
    profile: RacerProfile,
    participant: Participant,
    by: RacerProfile.Link,
    actor: AbstractBaseUser | None = None,
    reason: str = "",
) -> None:
    """Say that this racer of the service is that participant. Raises LinkRefused where either is taken.

    What was announced for them on this account becomes one row with the service's, and what the racer used since the
    participant registered counts for their event.
    """
    with transaction.atomic():
        lock_account(profile.sponsoring_account_id)
        profile = RacerProfile.objects.select_related("participant").get(pk=profile.pk)
        if profile.participant == participant:
            return
        _check_free(profile, participant)
        merge_profiles({profile.pk: participant.pk}, account_id=profile.sponsoring_account_id, by=by)
        profile.participant = participant
        record(
            actor=actor,
            action="linked a racer to a participant",
            about=profile,
            event_id=_find_event(profile),
            reason=reason,
            changes={"participant": [None, str(participant)]},
        )


def unlink_profile(*, profile: RacerProfile, actor: AbstractBaseUser | None, reason: str = "") -> None:
    """Take the link back, with what it made count for the participant's event. Only a person links this racer again."""
    with transaction.atomic():
        lock_account(profile.sponsoring_account_id)
        profile = RacerProfile.objects.select_related("participant").get(pk=profile.pk)
        participant = profile.participant
        if participant is None or not profile.service_id:
            return
        event_id = _find_event(profile)
        release_usage([profile.pk])
        announced = profile.alias if profile.linked_by == RacerProfile.Link.ALIAS else ""
        RacerProfile.objects.filter(pk=profile.pk).update(participant=None, linked_by=RacerProfile.Link.PERSON)
        RacerProfile.objects.create(
            organization_id=profile.organization_id,
            sponsoring_account_id=profile.sponsoring_account_id,
            participant=participant,
            alias=announced,
        )
        record(
            actor=actor,
            action="unlinked a racer from a participant",
            about=profile,
            event_id=event_id,
            reason=reason,
            changes={"participant": [str(participant), None]},
        )


def ignore_profile(*, profile: RacerProfile, actor: AbstractBaseUser | None, reason: str = "") -> None:
    """Say that this racer is nobody of ours. They can still be linked. Raises LinkRefused while they are somebody."""
    with transaction.atomic():
        lock_account(profile.sponsoring_account_id)
        profile.refresh_from_db()
        if profile.participant_id:
            raise LinkRefused(f"{profile} is linked to {profile.participant}. Unlink them first.")
        if profile.is_ignored:
            return
        RacerProfile.objects.filter(pk=profile.pk).update(is_ignored=True)
        record(actor=actor, action="marked a racer as nobody's", about=profile, reason=reason)


def lock_account(account_id: int) -> None:
    """Whoever writes the account's racers holds it, so that a look at the service and a link do not meet."""
    SponsoringAccount.objects.select_for_update(no_key=True).get(pk=account_id)


def merge_profiles(participants: Mapping[int, int], *, account_id: int, by: RacerProfile.Link) -> None:
    """Give these racers of the service, by their ids, to these participants, who are nobody else there yet.

    Belongs into a transaction that holds the account.
    """
    racers = {participant_id: profile_id for profile_id, participant_id in participants.items()}
    announced = RacerProfile.objects.filter(sponsoring_account=account_id, participant__in=list(racers), service_id="")
    rows = announced.values_list("id", "participant")
    successors = {pk: racers[participant_id] for pk, participant_id in rows if participant_id}
    _hand_over_results(successors)
    delete_rows(RacerProfile, list(successors))
    write_values(RacerProfile, "participant", participants)
    RacerProfile.objects.filter(id__in=list(participants)).update(linked_by=by, is_ignored=False)
    attribute_usage(list(participants))


def _hand_over_results(profiles: Mapping[int, int]) -> None:
    """Places on leaderboards that were found for the announced rows."""
    results = RaceResult.objects.filter(profile__in=list(profiles)).values_list("id", "profile")
    write_values(RaceResult, "profile", {pk: profiles[profile_id] for pk, profile_id in results if profile_id})


def _check_free(profile: RacerProfile, participant: Participant) -> None:
    if not profile.service_id:
        raise LinkRefused(f"The service does not know {profile} yet. They appear once they have signed in.")
    if profile.participant:
        raise LinkRefused(f"{profile} is linked to {profile.participant}. Unlink them first.")
    other = find_linked(account_id=profile.sponsoring_account_id, participant_ids=[participant.pk]).get(participant.pk)
    if other:
        raise LinkRefused(f"{participant} is linked to the racer {other} of this account. Unlink that one first.")


def find_linked(*, account_id: int, participant_ids: Collection[int]) -> dict[int, RacerProfile]:
    """Who of these participants is a racer of the service already, by the participants' ids."""
    linked = RacerProfile.objects.filter(sponsoring_account=account_id, participant__in=participant_ids)
    return {row.participant_id: row for row in linked.exclude(service_id="") if row.participant_id}


def _find_event(profile: RacerProfile) -> int | None:
    deciding = find_deciding(timezone.now()).filter(
        participant=profile.participant_id, account__sponsoring_account=profile.sponsoring_account_id
    )
    return deciding.values_list("event", flat=True).first()
