"""The event itself: when, whether it can be seen, who is told, and its races."""

from functools import partial

from django.utils import timezone

from events.models import Event, Race
from paddock.sso.lookup import list_active_providers
from paddock.tenancy.models import Membership
from participants.domain.preflight.checks import Check, Finding, amber, green, red

GROUP = "Event"


def list_checks(event: Event) -> list[Check]:
    return [
        Check("publication", GROUP, "Published", partial(check_publication, event)),
        Check("dates", GROUP, "Dates", partial(check_dates, event)),
        Check("contacts", GROUP, "Who is told of the budget", partial(check_contacts, event)),
        *([Check("sign_in", GROUP, "Sign-in", check_sign_in)] if event.requires_sign_in else []),
        Check("races", GROUP, "Races", partial(check_races, event)),
    ]


def check_publication(event: Event) -> Finding:
    if event.is_published:
        return green("The portal page can be seen.")
    return amber("Nobody outside sees the event, and nobody can register. Tick “Published” on the event's page.")


def check_dates(event: Event) -> Finding:
    now = timezone.now()
    if event.offboarding_at or event.is_over(now):
        return red("The event has ended. Correct its dates on the event's page, or make a new event.")
    if event.frozen_at:
        return red("The budget guard has frozen the event: everybody is paused. Raise the budget and unfreeze it.")
    if event.registration_closes_at <= now:
        return amber("Registration has closed: nobody else can come. Move its end if more people are to register.")
    if event.registration_closes_at > event.ends_at:
        return amber("Registration goes on after the event has ended. Let it close before that.")
    if event.registration_opens_at >= event.starts_at:
        return amber("Registration opens only when the event has begun. Open it earlier.")
    if event.registration_opens_at > now:
        return green(f"Registration opens on {_say(event, event.registration_opens_at)}.")
    return green(f"Registration is open. The event starts on {_say(event, event.starts_at)}.")


def _say(event: Event, moment: object) -> str:
    local = timezone.localtime(moment, event.zone)  # type: ignore[arg-type]
    return f"{local:%-d %B %Y, %H:%M} {local.tzname()}"


def check_contacts(event: Event) -> Finding:
    if event.contacts:
        return green(", ".join(event.contacts))
    owners = Membership.objects.filter(
        organization=event.organization_id, role=Membership.Role.OWNER, user__is_active=True
    )
    addresses = list(owners.order_by("user__email").values_list("user__email", flat=True))
    if addresses:
        return green(f"The organization's owners: {', '.join(addresses)}.")
    return amber("Nobody would hear that the budget runs out. Name contacts on the event's page, or add an owner.")


def check_sign_in() -> Finding:
    providers = list_active_providers()
    if providers:
        return green(f"People sign in with {' or '.join(str(provider) for provider in providers)}.")
    return red("Only people who are signed in may register, and nobody can sign in. Connect an identity provider.")


def check_races(event: Event) -> Finding:
    races = list(Race.objects.filter(event=event).order_by("opens_at", "id"))
    if not races:
        return amber("There is no race yet. Add one on the event's page, or link one that was made elsewhere.")
    if failed := [race for race in races if race.state == Race.State.FAILED]:
        return red(f"“{failed[0]}” could not be made: {failed[0].problem or 'look at the race.'}")
    if owed := [race for race in races if race.state == Race.State.OWED]:
        return amber(f"“{owed[0]}” is still being made. Run the preflight again in a minute.")
    if late := [race for race in races if race.opens_at and race.opens_at >= event.ends_at]:
        return amber(f"“{late[0]}” opens only after the event has ended. Correct its dates.")
    if all(race.closes_at and race.closes_at <= timezone.now() for race in races):
        return amber("All races have closed. Add another one, or move an end.")
    return green(", ".join(str(race) for race in races))
