"""The colours of states, always beside their words."""

from events.models import Race
from participants.models import EventInvitation, Message, Registration, Step

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
    EventInvitation.State.SENT: "success",
    EventInvitation.State.FAILED: "danger",
    EventInvitation.State.SENDING: "info",
    EventInvitation.State.OWED: "warning",
}
RACE = {
    Race.State.READY: "success",
    Race.State.FAILED: "danger",
    Race.State.OWED: "info",
    Race.State.LINKED: None,
}
