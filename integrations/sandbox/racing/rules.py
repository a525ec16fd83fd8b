"""Where the two kinds of account differ."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    MULTI_USER = "multi_user"
    ON_AWS = "deepracer_on_aws"


@dataclass(frozen=True)
class Rules:
    """Kind-specific behaviour of the one core.

    default_minutes, default_models
        Quotas of a new profile.
    unlimited
        The quota that means "no limit"; None where there is no such thing.
    charges_while_running
        Used minutes grow while a job runs, and queued ones shrink alike. Otherwise what was used is charged when the
        job ends, and the requested minutes stay queued until then.
    leaks_cancelled_minutes
        The queued minutes of a job that is stopped before it began are never given back.
    counts_created_models
        The models quota counts those that were made since the last monthly reset, instead of those that exist.
    unique_model_names
        A racer cannot have two models of one name.
    separates_evaluations
        Training and evaluation jobs have a limit each, instead of one together.
    """

    default_minutes: int
    default_models: int
    unlimited: int | None
    charges_while_running: bool
    leaks_cancelled_minutes: bool
    counts_created_models: bool
    unique_model_names: bool
    separates_evaluations: bool


RULES = {
    Kind.MULTI_USER: Rules(
        default_minutes=300,
        default_models=10,  # the real number is not published
        unlimited=None,
        charges_while_running=True,
        leaks_cancelled_minutes=False,
        counts_created_models=False,
        unique_model_names=True,
        separates_evaluations=True,
    ),
    Kind.ON_AWS: Rules(
        default_minutes=-1,
        default_models=-1,
        unlimited=-1,
        charges_while_running=False,
        leaks_cancelled_minutes=True,
        counts_created_models=True,
        unique_model_names=False,
        separates_evaluations=False,
    ),
}
