"""The demonstration's event that is under way: people who train, what that costs, and what it may cost."""

from datetime import timedelta

from django.utils import timezone

from events.models import Budget, Event, ParticipantGroup, Price, QuotaPolicy, SponsoringAccount, Threshold
from participants.domain.applicants import Applicant
from participants.domain.registration import register
from participants.models import Registration

PEOPLE = """\
Aisha Rahman · Bruno Keller · Chiara Moretti · Dmitri Volkov · Elena Petrova · Femi Adeyemi · Greta Lindqvist
Hugo Martin · Ines Carvalho · Jakub Nowak · Keiko Tanaka · Liam Murphy · Mina Park · Noah Weber · Olga Sokolova
Pedro Alvarez · Quentin Dubois · Rosa Jimenez · Sven Larsen · Tara Singh · Umar Farouk · Vera Novak
Wei Zhang · Yara Haddad"""
NAMES = [name for line in PEOPLE.splitlines() for name in line.split(" · ")]
ALIASES = [name.replace(" ", "-").lower() for name in NAMES]

DOLLAR = 1_000_000
CENT = DOLLAR // 100
BUDGET_DOLLARS = 500
THRESHOLDS = [(50, Threshold.Action.ALERT), (90, Threshold.Action.FREEZE), (100, Threshold.Action.STOP)]


def fill_running_event(event: Event) -> None:
    """May run again: whoever is registered stays as they are."""
    _ensure_quotas(event)
    _ensure_budget(event)
    missing = event.registrations.count() < len(NAMES)
    for name, alias in zip(NAMES, ALIASES, strict=True) if missing else ():
        given_name, family_name = name.split()
        applicant = Applicant(f"{given_name}.{family_name}@contoso.example".lower(), given_name, family_name, alias, {})
        register(event=event, applicant=applicant)
    _ensure_group(event)


def _ensure_quotas(event: Event) -> None:
    """Before anybody registers, because then it is read."""
    QuotaPolicy.objects.get_or_create(event=event, group=None, defaults={"minutes": 480})


def _ensure_group(event: Event) -> None:
    group, created = ParticipantGroup.objects.get_or_create(event=event, name="Newcomers")
    if created:
        newcomers = list(Registration.objects.filter(event=event).order_by("id")[:6])
        Registration.objects.filter(pk__in=[each.pk for each in newcomers]).update(group=group)


def _ensure_budget(event: Event) -> None:
    budget, created = Budget.objects.get_or_create(event=event, defaults={"amount": BUDGET_DOLLARS * DOLLAR})
    if created:
        Threshold.objects.bulk_create(
            [
                Threshold(organization_id=event.organization_id, budget=budget, percent=percent, action=action)
                for percent, action in THRESHOLDS
            ]
        )


def ensure_price(account: SponsoringAccount, *, training_hour: int) -> None:
    """In micro-dollars an hour."""
    if not account.prices.exists():
        Price.objects.create(
            organization_id=account.organization_id,
            sponsoring_account=account,
            valid_from=timezone.now().date() - timedelta(days=30),
            training_hour=training_hour,
            storage_gigabyte_month=23 * DOLLAR // 1000,
        )
