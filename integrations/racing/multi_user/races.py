"""Races, which the service calls leaderboards."""

from datetime import datetime
from urllib.parse import quote, urlsplit

from integrations.errors import IntegrationError
from integrations.racing.multi_user.client import Answer, MultiUserClient
from integrations.racing.multi_user.moments import to_milliseconds
from integrations.racing.multi_user.race_requests import closed_now, describe_race, read_race
from integrations.racing.multi_user.refusals import GONE
from integrations.racing.protocol import RaceDefinition, SeenRace, Track

AWS_CONSOLE = "https://console.aws.amazon.com/deepracer/home"
# The role of whoever may change a race. Its spelling has been seen in use; a list of them is not published.
_ORGANIZER = "ADMIN"


def list_tracks(client: MultiUserClient) -> list[Track]:
    pages = client.pages("list_tracks", "Tracks")
    return [_read_track(track) for page in pages for track in page]


def _read_track(track: Answer) -> Track:
    arn: str = track["TrackArn"]
    return Track(arn, track.get("TrackName", arn))


def find_race(client: MultiUserClient, name: str) -> str | None:
    """Among the races that the account organizes, closed ones too."""
    for page in client.pages("list_leaderboards", "Leaderboards", LeaderboardAccessRoles=[_ORGANIZER]):
        for leaderboard in page:
            if leaderboard["Name"] == name:
                return str(leaderboard["Arn"])
    return None


def create_race(client: MultiUserClient, definition: RaceDefinition) -> str:
    if arn := find_race(client, definition.name):
        return arn
    return str(client.call("create_leaderboard", **describe_race(definition))["LeaderboardArn"])


def edit_race(client: MultiUserClient, arn: str, definition: RaceDefinition) -> None:
    client.call("edit_leaderboard", Arn=arn, **describe_race(definition))


def close_race(client: MultiUserClient, arn: str, definition: RaceDefinition) -> None:
    """The service knows no closing: its end is moved to this moment."""
    if get_race(client, arn)["Status"] != "CLOSED":
        edit_race(client, arn, closed_now(definition))


def get_race(client: MultiUserClient, arn: str) -> Answer:
    race: Answer = client.read("get_leaderboard", LeaderboardArn=arn)["Leaderboard"]
    return race


def see_race(client: MultiUserClient, arn: str) -> SeenRace | None:
    try:
        return read_race(get_race(client, arn))
    except IntegrationError as error:
        if error.code == GONE:
            return None
        raise


def delete_race(client: MultiUserClient, arn: str) -> None:
    try:
        client.call("delete_leaderboard", LeaderboardArn=arn)
    except IntegrationError as error:
        if error.code != GONE:
            raise


def rotate_token(client: MultiUserClient, arn: str, expires_at: datetime) -> str:
    """A new token makes the old one void."""
    answer = client.call(
        "create_leaderboard_access_token", LeaderboardArn=arn, ExpirationTime=to_milliseconds(expires_at)
    )
    return str(answer["AccessToken"])


def race_url(console_url: str, token: str) -> str:
    """In AWS's own console, or in whatever stands in for it."""
    console = urlsplit(console_url)
    is_of_aws = not console.hostname or console.hostname.endswith("console.aws.amazon.com")
    home = AWS_CONSOLE if is_of_aws else console._replace(query="", fragment="").geturl()
    return f"{home}#raceToken/{quote(token, safe='+/=')}"
