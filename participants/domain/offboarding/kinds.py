"""What taking back consists of, in its order, and when it is left to a person.

What waits for what, the kinds of steps say themselves.
"""

from datetime import timedelta

from participants.convergence.patience import Patience

REGISTRATION_KINDS = [
    "remove_quota",
    "remove_sponsorship",
    "remove_jobs",
    "remove_waiting",
    "remove_models",
    "remove_membership",
    "remove_profile",
]
EVENT_KINDS = ["remove_assignment", "remove_mode"]

NEVER_SIGNED_IN = "Has never signed in: nothing to take back."

# An hour of attempts, farther and farther apart. What a provider keeps postponing is given two.
PATIENCE = Patience(attempts=12, wait=timedelta(hours=2))
# Jobs may take their time to end, and a directory to bring its changes to Identity Center.
LONG_PATIENCE = Patience(attempts=12, wait=timedelta(hours=6))
