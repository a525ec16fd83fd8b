"""Invitations, by which the deployment itself makes racers and mails them."""

from collections.abc import Sequence

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws.rest import RestClient
from integrations.racing.deepracer_on_aws.several import serve
from integrations.racing.protocol import EMAIL_EXISTS

NEW_RACERS = "usageQuotas.newUser"
_NOTHING = {"newUserComputeMinutesLimit": 0, "newUserModelCountLimit": 0}


def invite(client: RestClient, emails: Sequence[str]) -> dict[str, IntegrationError | None]:
    """The deployment mails each of them a one-time password. Nobody can train before they are given a quota."""
    try:
        fail_closed(client)
    except IntegrationError as error:
        return dict.fromkeys(emails, error)

    def invite_one(email: str) -> None:
        try:
            client.call("POST", "/profile", body={"emailAddress": email})
        except IntegrationError as error:
            if error.code != EMAIL_EXISTS:
                raise

    return serve(emails, invite_one)


def are_closed(client: RestClient) -> bool:
    """Whether new profiles begin with a quota of nothing."""
    value = client.read(f"/settings/{NEW_RACERS}").get("value")
    # The deployment's own page saves these numbers as text.
    return isinstance(value, dict) and all(str(value.get(name)) == "0" for name in _NOTHING)


def fail_closed(client: RestClient) -> None:
    """Gives new profiles a quota of nothing, where the deployment by itself gives them everything."""
    if are_closed(client):
        return
    client.call("PUT", f"/settings/{NEW_RACERS}", body={"value": _NOTHING})
    if not are_closed(client):
        raise IntegrationError(
            "The deployment has not taken over its new default quotas yet. Paddock invites nobody before it has.",
            retry_after=5,
            code="NotClosedYet",
        )
