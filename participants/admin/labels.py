"""The colours of states, always beside their words."""

from events.models import Race
from participants.models import Invitation, Message, Registration, Step

STATUS = {
    Registration.Status.READY: "success",
    Registration.Status.FAILED: "danger",
    Registration.Status.PREPARING: "info",
    Registration.Status.REGISTERED: "warning",
    Registration.Status.REMOVING: "info",
    Registration.Status.REMOVED: None,
}
STEP = {
    Step.State.DONE: "success",
    Step.State.FAILED: "danger",
    Step.State.CLAIMED: "info",
    Step.State.READY: "warning",
    Step.State.BLOCKED: None,
}
MESSAGE = {
    Message.State.SENT: "success",
    Message.State.FAILED: "danger",
    Message.State.SENDING: "info",
    Message.State.QUEUED: "warning",
}
INVITATION = {
    Invitation.State.SENT: "success",
    Invitation.State.FAILED: "danger",
    Invitation.State.SENDING: "info",
    Invitation.State.OWED: "warning",
}
RACE = {
    Race.State.READY: "success",
    Race.State.FAILED: "danger",
    Race.State.OWED: "info",
    Race.State.LINKED: None,
}
