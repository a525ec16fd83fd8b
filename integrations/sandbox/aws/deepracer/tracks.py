"""Tracks, which belong to nobody's account."""

from dataclasses import dataclass

from integrations.sandbox.aws.deepracer.errors import missing
from integrations.sandbox.aws.deepracer.members import LEADERBOARD_ARN, PAGING
from integrations.sandbox.aws.deepracer.operation import Body, Caller, Operation
from integrations.sandbox.aws.deepracer.paging import page
from integrations.sandbox.aws.deepracer.shapes import Structure


@dataclass(frozen=True)
class Track:
    key: str
    name: str
    description: str
    length_metres: float

    @property
    def arn(self) -> str:
        return f"arn:aws:deepracer:us-east-1::track/{self.key}"


_TRACKS = (
    Track("reinvent_base", "reInvent-2018", "The first championship's track", 17.6),
    Track("reInvent2019_track", "The-2019-DeepRacer-Championship-Cup", "The second championship's track", 23.1),
    Track("Oval_track", "Oval-Track", "Two straights and two wide turns", 15.6),
    Track("Bowtie_track", "Bowtie-Track", "Crosses itself in the middle", 17.4),
    Track("2022_reinvent_champ", "2022-reInvent-Championship", "Long, with a chicane", 35.9),
)
_BY_ARN = {track.arn: track for track in _TRACKS}
DEFAULT_TRACK = _TRACKS[0].arn


def is_track(arn: str) -> bool:
    return arn in _BY_ARN


def list_tracks(caller: Caller, request: Body) -> Body:
    tracks, more = page(list(enumerate(_TRACKS)), request)
    return {"Tracks": [_describe(track) for track in tracks], **more}


def get_track(caller: Caller, request: Body) -> Body:
    arn = request["TrackArn"]
    if not is_track(arn):
        raise missing(arn)
    return {"Track": _describe(_BY_ARN[arn])}


def _describe(track: Track) -> Body:
    return {
        "TrackArn": track.arn,
        "TrackName": track.name,
        "TrackDescription": track.description,
        "TrackLength": track.length_metres,
        "TrackWidth": 1.07,
    }


OPERATIONS = {
    "ListTracks": Operation(Structure({}, PAGING), list_tracks),
    "GetTrack": Operation(Structure({"TrackArn": LEADERBOARD_ARN}), get_track),
}
