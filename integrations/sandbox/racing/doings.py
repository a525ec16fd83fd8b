"""What racers do in the console or on the site of a deployment. Every racer's outcome stands by itself."""

from collections.abc import Callable, Sequence
from typing import Any

from integrations.sandbox.racing.accounts import Account, ModelStatus, Profile, Race
from integrations.sandbox.racing.admission import JobRefused, start_evaluation, start_training
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.profiles import Roster, next_model_name
from integrations.sandbox.racing.races import SubmissionRefused, race_of_token, submit

Outcomes = dict[str, dict[str, Any]]


def train(account: Account, racers: Sequence[str], *, minutes: int, name: str, moment: Moment) -> Outcomes:
    """With a new model each; {racer: {"accepted", "model_id", "why"}}."""

    def start(profile: Profile) -> dict[str, str]:
        model_name = name or next_model_name(profile)
        return {"model_id": start_training(account, profile, name=model_name, minutes=minutes, moment=moment).model_id}

    return _each(account, racers, start)


def evaluate(account: Account, racers: Sequence[str], *, minutes: int, moment: Moment) -> Outcomes:
    """Their newest model that is ready; {racer: {"accepted", "model_id", "why"}}."""

    def start(profile: Profile) -> dict[str, str]:
        models = [account.models[model_id] for model_id in reversed(profile.model_ids)]
        model = next((model for model in models if model.status is ModelStatus.READY), None)
        if model is None:
            raise JobRefused("busy", "There is no model that is ready.")
        start_evaluation(account, profile, model, minutes=minutes, moment=moment)
        return {"model_id": model.model_id}

    return _each(account, racers, start)


def submit_results(account: Account, race: Race, results: Sequence[dict[str, Any]], *, moment: Moment) -> Outcomes:
    """{alias: {"accepted", "why"}}. `service_id` in a result tells racers of one alias apart; an alias that the account
    does not know is a guest's.
    """
    roster, outcomes = Roster(account), Outcomes()
    for result in results:
        profile = roster.find(result.get("service_id") or result["alias"])
        try:
            submit(race, profile=profile, alias=result["alias"], time_milliseconds=result["time_ms"], moment=moment)
            outcomes[result["alias"]] = _accepted()
        except SubmissionRefused as refusal:
            outcomes[result["alias"]] = _refused(refusal)
    return outcomes


def enter_race(account: Account, token: str, racers: Sequence[str], *, moment: Moment) -> Outcomes:
    """With the token of an invitation; {racer: {"accepted", "why"}}."""
    race = race_of_token(account, token, moment=moment)

    def enter(profile: Profile) -> dict[str, str]:
        if race is None:
            raise SubmissionRefused("The invitation is not valid.")
        race.participants.setdefault(profile.service_id, moment.real)
        return {}

    return _each(account, racers, enter)


def _each(account: Account, racers: Sequence[str], act: Callable[[Profile], dict[str, str]]) -> Outcomes:
    roster, outcomes = Roster(account), Outcomes()
    for racer in racers:
        profile = roster.find(racer)
        if profile is None:
            outcomes[racer] = _refused(f"There is no racer {racer}.")
            continue
        try:
            outcomes[racer] = _accepted() | act(profile)
        except (JobRefused, SubmissionRefused) as refusal:
            outcomes[racer] = _refused(refusal)
    return outcomes


def _accepted() -> dict[str, Any]:
    return {"accepted": True, "model_id": "", "why": ""}


def _refused(why: object) -> dict[str, Any]:
    return {"accepted": False, "model_id": "", "why": str(why)}
