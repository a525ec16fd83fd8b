"""The form of a race: where it is made, or that it is made elsewhere, and what can be chosen there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelect2Widget

from events.models import Race, SponsoringAccount
from paddock.tenancy.forms import TenantForm
from participants.domain.races.checking import find_place_errors
from participants.domain.races.tracks import list_tracks

Choices = list[tuple[str, Any]]


class RaceForm(TenantForm):
    class Meta:
        model = Race
        fields = ["event"]  # the admin's page names the others
        labels = {
            "sponsoring_account": "Sponsoring account",
            "laps": "Laps of a submission",
            "submissions_per_racer": "Submissions of a racer",
            "in_welcome_mail": "In the access mail",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tracks: dict[int, dict[str, str]] = {}
        if "track" in self.fields:
            self._offer_tracks()

    def _offer_tracks(self) -> None:
        """As the services tell them; where none does, the service's id of a track is typed."""
        own = self.instance.sponsoring_account
        accounts = [own] if own else list(SponsoringAccount.objects.all())
        listed = {account: list_tracks(account=account) for account in accounts}
        self.tracks = {
            account.pk: {track.service_id: track.name for track in tracks}
            for account, tracks in listed.items()
            if tracks
        }
        if not self.tracks:
            self.fields["track"].help_text = "The service's id of the track: it does not tell its tracks at the moment."
            return
        groups: Choices = [
            (str(account), list(self.tracks[account.pk].items())) for account in listed if account.pk in self.tracks
        ]
        choices = groups if len(groups) > 1 else groups[0][1]
        self.fields["track"] = forms.ChoiceField(
            choices=[("", "---------"), *self._keep_present(), *choices],
            required=False,
            widget=UnfoldAdminSelect2Widget,
        )

    def _keep_present(self) -> Choices:
        """A track that the service no longer lists stays the race's."""
        track = self.instance.track
        known = {service_id for tracks in self.tracks.values() for service_id in tracks}
        return [(track, track)] if track and track not in known else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        account = cleaned.get("sponsoring_account") or self.instance.sponsoring_account
        track = cleaned.get("track")
        if account and track and track != self.instance.track and track not in self.tracks.get(account.pk, {track}):
            raise ValidationError({"track": f"{account} does not have this track."})
        event = cleaned.get("event")
        if event and (errors := find_place_errors(event=event, account=account, url=cleaned.get("url", ""))):
            raise ValidationError(errors)
        return cleaned
