"""Sponsorship of people: pausing, resuming, ending what runs; and what else is done when something went wrong."""

from typing import Any

from rest_framework import serializers

from events.models import Event
from paddock.api.problems import Problem
from paddock.api.scopes import PEOPLE, RACING
from participants.api.choosing import ChoiceSerializer
from participants.api.examples import PAUSE, RETRY, SEND_PASSWORDS, STOP
from participants.api.people_actions import PeopleAction, described, tell
from participants.domain.racers.renewing import send_new_passwords
from participants.domain.sponsorship.abilities import find_unstoppable
from participants.domain.sponsorship.pausing import pause, resume, stop_training
from participants.domain.steps import retry_now
from participants.models import Step


@described(
    "Pause people's sponsorship",
    description="They may not start anything that costs. What runs already runs to its end.",
    examples=PAUSE,
)
class PauseView(PeopleAction):
    area = RACING

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        return tell(pause(event=event, registrations=people, actor=None, reason=answers["reason"]))


@described("Resume people's sponsorship", description="What the budget guard froze stays frozen.", examples=PAUSE)
class ResumeView(PeopleAction):
    area = RACING

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        return tell(resume(event=event, registrations=people, actor=None, reason=answers["reason"]))


class StopSerializer(ChoiceSerializer):
    and_pause = serializers.BooleanField(
        default=True, help_text="Pause them as well; otherwise they may start the next job at once."
    )


@described(
    "Stop people's training",
    description="Ends jobs that run or wait to. Refused where an account of theirs cannot end jobs.",
    request=StopSerializer,
    examples=STOP,
)
class StopTrainingView(PeopleAction):
    area = RACING
    serializer_class = StopSerializer

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        if names := find_unstoppable(registrations=people):
            sentence = f"{' and '.join(names)} cannot end jobs. Nothing was done. Pause these people instead."
            raise Problem(sentence, status_code=409)
        words = {name: answers[name] for name in ("reason", "and_pause")}
        return tell(stop_training(event=event, registrations=people, actor=None, **words))


@described(
    "Mail people a new one-time password",
    description="For DeepRacer on AWS. People who sign in with their company account are left out.",
    examples=SEND_PASSWORDS,
)
class SendPasswordsView(PeopleAction):
    area = PEOPLE

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        return tell(send_new_passwords(event=event, registrations=people, actor=None, reason=answers["reason"]))


class RetriedSerializer(serializers.Serializer[Any]):
    steps = serializers.IntegerField(help_text="How many are tried again at once.")


@described("Try again what failed or waits", examples=RETRY, answer=RetriedSerializer)
class RetryView(PeopleAction):
    area = PEOPLE

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        return {"steps": retry_now(steps=Step.objects.filter(registration__in=people), reason=answers["reason"])}
