"""An organization whose racers are let in and have signed in, to be taken back again."""

from typing import Any

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import end_event, remove_participants
from participants.domain.usage.syncing import sync_account
from participants.models import Operation, Registration, Step
from tests.support.convergence import converge_until, settle
from tests.support.racing import advance, build_racing_account, join, train
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

REASON = "The race is over"
# Stopping a job and deleting a model take minutes otherwise.
RACING_SPEED = 120


class Stage:
    """One sponsoring account, and an event on it."""

    def __init__(self, sandbox: Sandbox, *, directory: str = "identity_center", kind: str = "multi_user") -> None:
        self.sandbox = sandbox
        sandbox.knobs(racing_speed=RACING_SPEED)
        self.organization = build_organization(sandbox, directory=directory)
        self.account = build_racing_account(sandbox, self.organization, kind=kind)
        self.event = self.add_event()

    def add_event(self, **fields: Any) -> Event:
        return build_event(self.organization, **{"sponsoring_account": self.account, **fields})

    def admit(self, *names: str, event: Event | None = None) -> list[Registration]:
        """People register, are let in, sign in for the first time, and are found by the sync."""
        registrations = [sign_up(event or self.event, name, racer_alias=name) for name in names]
        if self.event.directory.is_entra:
            self.settle_with_cycles()
        else:
            settle()
        self._sign_in(registrations, names)
        self.sync()
        return registrations

    def _sign_in(self, registrations: list[Registration], names: tuple[str, ...]) -> None:
        """For the first time. DeepRacer on AWS knows them by their addresses."""
        if self.account.is_multi_user:
            join(self.sandbox, self.account, *names)
        else:
            emails = {name: each.participant.email for name, each in zip(names, registrations, strict=True)}
            join(self.sandbox, self.account, **emails)

    def sync(self) -> None:
        with organization_scope(self.organization.pk):
            assert sync_account(account_id=self.account.pk)

    def settle_with_cycles(self) -> None:
        """Groups, then the people in them: each takes a cycle to reach Identity Center."""

        def settled() -> bool:
            self.sandbox.sync()
            with organization_scope(self.organization.pk):
                return not Step.objects.filter(state__in=[Step.State.READY, Step.State.CLAIMED]).exists()

        converge_until(settled)

    def train(self, *names: str, minutes: int = 60, run: int = 10) -> None:
        """Each starts a job with a new model, which has run for a while."""
        outcomes = train(self.sandbox, self.account, *names, minutes=minutes)
        assert all(outcome["accepted"] for outcome in outcomes.values()), outcomes
        advance(self.sandbox, minutes=run)

    def end(self, event: Event | None = None, *, keeps_models: bool = False) -> Operation:
        with organization_scope(self.organization.pk):
            return end_event(event=event or self.event, keeps_models=keeps_models, actor=None, reason=REASON)

    def remove(self, *registrations: Registration, keeps_models: bool = False) -> list[Operation]:
        with organization_scope(self.organization.pk):
            return remove_participants(
                registrations=registrations, keeps_models=keeps_models, actor=None, reason=REASON
            )

    def evidence(self, registration: Registration | None, event: Event | None = None) -> dict[str, str]:
        """What the removal steps say, by kind; of the event itself where no registration is given."""
        return {step.kind: step.detail for step in self.steps(registration, event)}

    def states(self, registration: Registration | None, event: Event | None = None) -> dict[str, str]:
        return {step.kind: step.state for step in self.steps(registration, event)}

    def steps(self, registration: Registration | None, event: Event | None = None) -> list[Step]:
        with organization_scope(self.organization.pk):
            steps = Step.objects.filter(kind__startswith="remove_", registration=registration)
            steps = steps if registration else steps.filter(event=event or self.event)
            return list(steps.order_by("id"))

    # What the outside world says.

    @property
    def racing(self) -> dict[str, Any]:
        return self.sandbox.racing(self.account.account_id)

    def racer(self, alias: str) -> dict[str, Any]:
        (found,) = [profile for profile in self.racing["profiles"] if profile["alias"] == alias]
        return dict(found)

    def models_of(self, alias: str) -> list[str]:
        return [model["name"] for model in self.racing["models"] if model["alias"] == alias]

    def members(self) -> set[str]:
        """Local parts of the addresses in any group of Identity Center."""
        (center,) = self.sandbox.state()["identity_center"]
        return {member.partition("@")[0] for group in center["groups"] for member in group["members"]}

    def assignments(self) -> list[str]:
        """Names of the groups that hold an assignment."""
        (center,) = self.sandbox.state()["identity_center"]
        return [assignment["principal"] for assignment in center["assignments"]]
