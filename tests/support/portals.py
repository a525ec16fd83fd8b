"""A portal that an organization runs itself: its table in the sandbox, and the event that people come to by it."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from events.models import Event, Intake, IntakeShard
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.domain.intake.reading import read_intake
from participants.models import IntakeItem, Registration
from tests.support.factories import EventFactory, OrganizationFactory
from tests.support.sandbox import Sandbox

REGION = "eu-west-1"
_numbers = itertools.count(1)


def person(name: str, **more: Any) -> dict[str, Any]:
    """An item as the portal's API stores it."""
    return {"id": name, "email": f"{name}@contoso.example", "firstName": name.title(), "lastName": "Racer", **more}


@dataclass
class Portal:
    sandbox: Sandbox
    event: Event
    account_id: str
    intake: Intake
    name: str = "Registrations"
    seeded: dict[str, Any] = field(default_factory=dict)

    @property
    def organization(self) -> Organization:
        return self.event.organization

    @property
    def address(self) -> dict[str, str]:
        return {"account_id": self.account_id, "region": REGION, "name": self.name}

    def put(self, *items: dict[str, Any], **more: Any) -> None:
        self.do("put", items=list(items), **more)

    def do(self, control: str, **more: Any) -> Any:
        return self.sandbox.table(control, **self.address, **more)

    def read(self) -> bool:
        with organization_scope(self.organization.pk):
            return read_intake(intake_id=self.intake.pk)

    def fresh(self) -> Intake:
        with across_tenants("a test looks at everything"):
            return Intake.objects.select_related("event").get(pk=self.intake.pk)

    def change(self, **fields: Any) -> None:
        with organization_scope(self.organization.pk):
            Intake.objects.filter(pk=self.intake.pk).update(**fields)

    def registered(self) -> list[str]:
        with across_tenants("a test looks at everything"):
            rows = Registration.objects.filter(event=self.event).order_by("participant__email")
            return list(rows.values_list("participant__email", flat=True))

    def items(self, state: str = "") -> dict[str, str]:
        """The reasons by the id in the portal."""
        with across_tenants("a test looks at everything"):
            rows = IntakeItem.objects.filter(intake=self.intake, **({"state": state} if state else {}))
            return {row.key.split('"')[-2]: row.reason for row in rows}

    def shards(self) -> list[IntakeShard]:
        with across_tenants("a test looks at everything"):
            return list(IntakeShard.objects.filter(intake=self.intake).order_by("id"))


def build_portal(
    sandbox: Sandbox,
    *items: dict[str, Any],
    event: Event | None = None,
    seed: dict[str, Any] | None = None,
    **fields: Any,
) -> Portal:
    """A table with these items, and an event whose intake is on."""
    account_id = f"{610000000000 + next(_numbers)}"
    role_arn = f"arn:aws:iam::{account_id}:role/PaddockIntake"
    organization = event.organization if event else OrganizationFactory()
    with organization_scope(organization.pk):
        event = event or EventFactory(organization=organization)
        intake = Intake.objects.create(
            event=event,
            **{"region": REGION, "role_arn": role_arn, "table_name": "Registrations", "is_enabled": True} | fields,
        )
    table = {"account_id": account_id, "region": REGION, "name": "Registrations", "readers": [role_arn]}
    sandbox.seed(
        roles=[{"arn": role_arn, "external_id": intake.external_id}],
        tables=[table | {"items": list(items)} | (seed or {})],
    )
    return Portal(sandbox, event, account_id, intake)
