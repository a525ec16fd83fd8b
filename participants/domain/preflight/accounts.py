"""The sponsoring accounts: whether Paddock gets in, whether racers can train, and whether they find room."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone

from events.domain.connections import identify_role, open_racing
from events.models import Event, EventAccount, SponsoringAccount
from integrations.racing.deepracer_on_aws.service import DeepRacerOnAws
from participants.domain.forecasting import foresee_event
from participants.domain.preflight.checks import Check, Finding, amber, green, red

# A look that is older than this many intervals was missed, not late.
MISSED_SYNCS = 3
# Whoever waits longer than this gives up.
LONG_WAIT_MINUTES = 120


def list_checks(event: Event) -> list[Check]:
    return [check for account in event.accounts.all() for check in _list_checks_of(account)]


def _list_checks_of(account: EventAccount) -> list[Check]:
    sponsor, pk = account.sponsoring_account, account.pk
    group, role = str(sponsor), f"role-{pk}"
    room = Check(f"room-{pk}", group, "Room for everybody", partial(check_room, account))
    sync = Check(f"sync-{pk}", group, "Usage is read", partial(check_sync, account))
    if sponsor.is_multi_user:
        return [
            Check(role, group, "Paddock's role", partial(check_role, sponsor)),
            Check(f"mode-{pk}", group, "Multi-user mode", partial(check_mode, sponsor), needs=(role,)),
            sync,
            room,
        ]
    api = f"api-{pk}"
    return [
        Check(role, group, "Paddock's role", partial(check_role, sponsor)),
        Check(api, group, "Site and administrator", partial(check_api, sponsor)),
        Check(f"newcomers-{pk}", group, "Quota of newcomers", partial(check_newcomers, sponsor), needs=(api,)),
        sync,
        room,
    ]


def check_role(sponsor: SponsoringAccount) -> Finding:
    if not sponsor.role_arn and not sponsor.is_multi_user:
        return amber(
            "There is none. Paddock can neither make profiles nor stop jobs: DeepRacer on AWS mails its own "
            "invitations. Make the role with the template on the account's page, and save its ARN."
        )
    found = identify_role(sponsor)
    if found != sponsor.account_id:
        way = "The role" if sponsor.role_arn else "Without a role, Paddock's own identity"
        return red(
            f"{way} leads into the AWS account {found}, but this one is {sponsor.account_id}. Correct the role ARN or "
            "the AWS account id on the account's page."
        )
    if not sponsor.role_arn:
        return amber("Paddock works with its own identity in this account. A role with an external id is safer.")
    return green("Assumed with its external id; it is the right AWS account.")


def check_mode(sponsor: SponsoringAccount) -> Finding:
    if sponsor.frozen_at:
        return red("The budget guard has frozen the account: everybody is paused. Raise its budget and unfreeze it.")
    if open_racing(sponsor).is_active():
        return green("It is on, read just now.")
    if sponsor.wants_mode:
        return amber("It is being switched on. Run the preflight again in a minute.")
    return red(
        "It is off: nobody can train. An owner switches it on by “Activate multi-user mode” on the account's page."
    )


def check_api(sponsor: SponsoringAccount) -> Finding:
    if sponsor.frozen_at:
        return red("The budget guard has frozen the account: everybody is paused. Raise its budget and unfreeze it.")
    service = open_racing(sponsor)
    service.is_active()
    if not (sponsor.admin_email and sponsor.admin_password):
        return red(
            "The site answers, but Paddock cannot sign in to it: it could neither set quotas nor read usage. Save the "
            "e-mail address and the password of an administrator on the account's page."
        )
    next(service.list_profiles(), None)
    return green(f"{sponsor.site_url} answers, and Paddock is signed in as {sponsor.admin_email}.")


def check_newcomers(sponsor: SponsoringAccount) -> Finding:
    service = open_racing(sponsor)
    if not isinstance(service, DeepRacerOnAws):
        raise TypeError("Only DeepRacer on AWS has a quota of newcomers.")
    if service.is_closed():
        return green("New profiles begin with nothing, until Paddock gives them their quota.")
    return amber(
        "New profiles may train until Paddock gives them their quota. Set both new-user quotas to 0 in the "
        "deployment's settings, under usage quotas."
    )


def check_sync(account: EventAccount) -> Finding:
    sponsor = SponsoringAccount.objects.get(pk=account.sponsoring_account_id)
    if sponsor.sync_error:
        return red(f"The last look failed: {sponsor.sync_error}")
    if sponsor.synced_at is None:
        return amber("Nobody has looked yet. Paddock does so within minutes; run the preflight again then.")
    age = timezone.now() - sponsor.synced_at
    said = f"{timezone.localtime(sponsor.synced_at, account.event.zone):%-d %B, %H:%M}"
    if age > timedelta(seconds=MISSED_SYNCS * settings.USAGE_SYNC_SECONDS):
        return red(f"The last look was on {said}. Ask whoever runs Paddock whether its workers and its beat run.")
    return green(f"As of {said}.")


def check_room(account: EventAccount) -> Finding:
    each = next(each for each in foresee_event(event=account.event).accounts if each.account.pk == account.pk)
    sponsor, forecast = account.sponsoring_account, each.forecast
    people, places = forecast.assumptions.people, sponsor.max_training_jobs
    if people == 0:
        return amber("Nobody is expected. Say on the event's page how many people you expect.")
    if places == 0:
        return red("The account has no place for training. Correct its limit of training jobs on the account's page.")
    if forecast.minutes_needed is not None and not forecast.fits:
        return red(
            f"{people} people cannot use up their quota while the event lasts: that takes "
            f"{say_hours(forecast.minutes_needed)} with all {places} places always taken, and the event lasts "
            f"{say_hours(forecast.assumptions.event_minutes)}. Lower the quota, have AWS raise the limit of training "
            "jobs, or add another account."
        )
    everybody, evening = forecast.crowds[-1], forecast.crowds[1]
    if evening.longest_wait_minutes >= LONG_WAIT_MINUTES:
        return amber(
            f"With {evening.jobs} of {people} people training at once, the last of them waits "
            f"{say_hours(evening.longest_wait_minutes)} for one of {places} places. Have AWS raise the limit of "
            "training jobs, add another account, or tell people to come at different times."
        )
    wait = f"; with all at once, the last waits {say_hours(everybody.longest_wait_minutes)}"
    return green(f"{people} people, {places} at once{wait if everybody.waiting else ''}.")


def say_hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours:,} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )
