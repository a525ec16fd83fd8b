"""Races in the admin: their form, their state, their leaderboard, and mail about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Race, SponsoringAccount
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Announcement, Operation, RaceResult, RacerProfile, Step
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, enter, page, sign_in
from tests.admin.test_bulk import Walk
from tests.admin.test_queries import count_queries
from tests.support.factories import EventFactory, MailTemplateFactory, SponsoringAccountFactory
from tests.support.world import account_of

TOKEN = "the-invitation-of-this-race"
TRACK = "Bowtie_track"
MAIL = {"subject": "To {{given_name}}", "body": "Look: {{race_url}}", "status": "", "reason": ""}


class RaceWalk(Walk):
    def __init__(self, client: Client, action: str) -> None:
        self.client, self.answer, self.action = client, None, action
        self.address = reverse(f"admin:events_race_bulk_{action}")


@pytest.fixture
def organizer(contoso: Tenant) -> Client:
    return sign_in("organizer", contoso.organization)


def make_race(tenant: Tenant, **fields: Any) -> Race:
    now = timezone.now()
    made = {
        "name": "Spring race",
        "sponsoring_account": account_of(tenant.event),
        "service_id": "arn:aws:deepracer::1:leaderboard/1",
        "service_name": "spring-race-1",
        "token": TOKEN,
        "state": Race.State.READY,
        "opens_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=1),
        "track": TRACK,
    }
    with organization_scope(tenant.organization.pk):
        return Race.objects.create(organization=tenant.organization, event=tenant.event, **made | fields)


def reread(race: Race) -> Race:
    with organization_scope(race.organization_id):
        return Race.objects.get(pk=race.pk)


def use_deployment(tenant: Tenant) -> SponsoringAccount:
    """Its tracks need no call."""
    account = account_of(tenant.event)
    with organization_scope(tenant.organization.pk):
        SponsoringAccount.objects.update(kind="deepracer_on_aws", site_url="https://racing.example/")
    return account


def fill_in(client: Client, address: str, **fields: Any) -> Any:
    return client.post(address, read_form(client, address) | fields)


def add_address(event: Event) -> str:
    return f"{page(Race, 'add')}?event={event.pk}"


class TestForm:
    def test_race_is_wanted_in_the_events_own_zone(self, organizer: Client, contoso: Tenant) -> None:
        account = use_deployment(contoso)
        with organization_scope(contoso.organization.pk):
            Event.objects.update(time_zone="Asia/Tokyo")
        form = read_form(organizer, add_address(contoso.event))
        assert (form["event"], form["sponsoring_account"]) == (str(contoso.event.pk), str(account.pk))
        times = {"opens_at_0": "2031-05-01", "opens_at_1": "09:00", "closes_at_0": "2031-05-02", "closes_at_1": "09:00"}
        answer = fill_in(organizer, add_address(contoso.event), name="Spring", track=TRACK, **times)
        assert answer.status_code == 302
        with organization_scope(contoso.organization.pk):
            race = Race.objects.get(name="Spring")
            assert race.opens_at == datetime(2031, 5, 1, 0, 0, tzinfo=UTC)
            assert race.state == Race.State.OWED
            assert Step.objects.filter(event=contoso.event, kind="races", state=Step.State.READY).exists()
            assert AuditEntry.objects.get(action="added a race").object_name == "Spring"
        form = read_form(organizer, page(race))
        assert (form["opens_at_0"], form["opens_at_1"]) == ("2031-05-01", "09:00:00")

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"sponsoring_account": "", "url": ""}, "A race that was made elsewhere needs its URL."),
            ({"track": ""}, "Paddock needs this to make the race."),
            ({"url": "https://example.com"}, "Leave this empty."),
            ({"closes_at_0": "2031-04-01"}, "Must be later than the opening."),
            ({"laps": "11"}, "less than or equal to 10"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, fields: dict[str, str], sentence: str, organizer: Client, contoso: Tenant
    ) -> None:
        use_deployment(contoso)
        times = {"opens_at_0": "2031-05-01", "opens_at_1": "09:00", "closes_at_0": "2031-05-02", "closes_at_1": "09:00"}
        answer = fill_in(organizer, add_address(contoso.event), **{"name": "Spring", "track": TRACK, **times, **fields})
        assert answer.status_code == 200
        assert sentence in answer.content.decode()

    def test_deployment_must_be_one_of_the_events(self, organizer: Client, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            other = SponsoringAccountFactory(kind="deepracer_on_aws", site_url="https://other.example/")
        fields = {"name": "Spring", "sponsoring_account": str(other.pk), "track": TRACK}
        assert "Nobody of Contoso Cup races there" in fill_in(
            organizer, add_address(contoso.event), **fields
        ).content.decode().replace("&#x27;", "'")

    def test_track_is_typed_where_the_service_does_not_answer(self, organizer: Client, contoso: Tenant) -> None:
        address = page(make_race(contoso, track="arn:aws:deepracer::track/mine"))
        with organization_scope(contoso.organization.pk):
            SponsoringAccount.objects.update(role_arn="arn:aws:iam::999999999999:role/NobodyMadeIt")
        form = read_form(organizer, address)
        assert form["track"] == "arn:aws:deepracer::track/mine"
        assert fill_in(organizer, address, track="arn:aws:deepracer::track/yours").status_code == 302

    def test_convergence_is_not_overwritten(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso)
        form = read_form(organizer, page(race))
        with organization_scope(contoso.organization.pk):
            Race.objects.filter(pk=race.pk).update(service_name="made-meanwhile")
        assert organizer.post(page(race), form | {"description": "Two laps"}).status_code == 302
        saved = reread(race)
        assert (saved.service_name, saved.state, saved.token) == ("made-meanwhile", Race.State.OWED, TOKEN)

    def test_saving_without_a_change_owes_nothing(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso)
        for changed in ({}, {"in_welcome_mail": "on"}):
            assert fill_in(organizer, page(race), **changed).status_code == 302
            assert reread(race).state == Race.State.READY

    def test_what_paddock_made_is_closed_and_not_deleted(self, organizer: Client, contoso: Tenant) -> None:
        assert organizer.post(page(make_race(contoso), "delete"), {"post": "yes"}).status_code == 403
        linked = make_race(contoso, sponsoring_account=None, service_id="", state="linked", url="https://example.com")
        assert organizer.post(page(linked, "delete"), {"post": "yes", "audit_reason": "Elsewhere"}).status_code == 302


class TestPage:
    def test_invitation_is_for_organizers(self, contoso: Tenant) -> None:
        race = make_race(contoso)
        for role, sees in (("viewer", False), ("organizer", True)):
            client = sign_in(role, contoso.organization)
            assert (TOKEN in client.get(page(race)).content.decode()) is sees, role
            assert TOKEN not in client.get(page(Race, "changelist")).content.decode()

    def test_problem_and_leaderboard(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso, state="failed", problem="Atlantis is no track.")
        add_results(race, contoso)
        text = organizer.get(page(race)).content.decode()
        assert "Atlantis is no track." in text
        assert "Several racers bear this alias" in text
        assert "0:31.250" in text

    def test_csv_holds_no_formula(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso)
        add_results(race, contoso, alias="=1+1")
        answer = organizer.get(reverse("admin:events_race_leaderboard_csv", args=[race.pk]))
        assert answer.headers["Content-Type"].startswith("text/csv")
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Rank,Alias,Name,E-mail,Time")
        assert lines[1].startswith("1,'=1+1,")
        assert f",{contoso.registration.participant.email},0:31.250,2," in lines[1]
        assert lines[2].endswith("several racers bear this alias")

    def test_queries_do_not_grow(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso, sponsoring_account=None, state="linked", url="https://example.com")
        counts = []
        for size in (1, 3, 30):
            with organization_scope(contoso.organization.pk):
                for number in range(size):
                    rank = size * 100 + number
                    RaceResult.objects.create(race=race, rank=rank, alias=f"racer{rank}", time_milliseconds=1)
            counts.append(count_queries(organizer, page(race)))
        assert len(set(counts)) == 1

    def test_other_events_races_are_not_there(self, contoso: Tenant, fabrikam: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            other = EventFactory(directory=contoso.event.directory, sponsoring_account=account_of(contoso.event))
        race = make_race(contoso)
        insider = sign_in("organizer", contoso.organization, events=[other])
        outsider = sign_in("organizer", fabrikam.organization)
        for client in (insider, outsider):
            for name in (
                "close_race",
                "mail_race",
                "renew_invitation",
                "leaderboard_csv",
                "read_leaderboard",
                "retry_race",
            ):
                address = reverse(f"admin:events_race_{name}", args=[race.pk])
                assert client.post(address, {"_form_submitted": "on"}).status_code == 404, name
            assert client.get(page(race)).status_code == 302
            assert "Spring race" not in client.get(page(Race, "changelist")).content.decode()
        answer = fill_in(
            insider, page(Race, "add"), event=str(contoso.event.pk), name="Sneaked", url="https://x.example"
        )
        assert answer.status_code == 200


def add_results(race: Race, tenant: Tenant, alias: str = "ann") -> None:
    with organization_scope(tenant.organization.pk):
        profile, _ = RacerProfile.objects.update_or_create(
            participant=tenant.registration.participant,
            sponsoring_account=account_of(tenant.event),
            defaults={"alias": "ann"},
        )
        common = {"race": race, "time_milliseconds": 31_250, "submissions": 2}
        RaceResult.objects.create(rank=1, alias=alias, profile=profile, **common)
        RaceResult.objects.create(rank=2, alias="twin", is_ambiguous=True, **common)


def test_preview_of_the_access_mail_names_the_races(organizer: Client, contoso: Tenant) -> None:
    make_race(contoso, in_welcome_mail=True)
    make_race(contoso, name="Secret race")
    with organization_scope(contoso.organization.pk):
        MailTemplateFactory(event=contoso.event, body="{{access_url}}")
    content = organizer.get(page(contoso.event)).content.decode()
    frame = content.partition("<iframe")[2].partition("</iframe>")[0]
    assert "Spring race" in frame
    assert "https://example.com/the-race" in frame
    assert "Secret race" not in frame
    assert TOKEN not in content


class TestDeeds:
    @pytest.mark.parametrize(("action", "field"), [("close_race", "wants_closed"), ("renew_invitation", "wants_token")])
    def test_is_asked_shown_and_owed(self, action: str, field: str, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso)
        linked = make_race(contoso, name="Linked", sponsoring_account=None, service_id="", state="linked")
        walk = RaceWalk(organizer, action).choose(event=contoso.event.pk).send("preview", reason="Enough")
        assert "1 race" in walk.text
        assert "made elsewhere" in walk.text
        answer = walk.send("confirm").answer
        with organization_scope(contoso.organization.pk):
            operation = Operation.objects.get()
            assert answer.url == page(operation)
            assert operation.reason == "Enough"
            assert Step.objects.get(operation=operation).kind == "races"
        assert getattr(reread(race), field)
        assert reread(race).state == Race.State.OWED
        assert not getattr(reread(linked), field)

    def test_race_is_tried_again_and_read(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso, state="failed", problem="No.")
        for name in ("retry_race", "read_leaderboard"):
            address = reverse(f"admin:events_race_{name}", args=[race.pk])
            assert organizer.post(address, {"_form_submitted": "on"}).status_code == 302
        with organization_scope(contoso.organization.pk):
            assert Step.objects.get(event=contoso.event, kind="races").state == Step.State.READY


class TestMail:
    def test_preview_count_and_confirmation(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso)
        enter(contoso.event, "bob@contoso.example")
        walk = RaceWalk(organizer, "mail_race").choose(id=race.pk).send("preview", **MAIL)
        assert "Send: 2 people" in walk.text
        assert "bob@contoso.example" in walk.text
        assert "#raceToken/the-invitation" in walk.text
        walk.send("confirm")
        with organization_scope(contoso.organization.pk):
            operation, announcement = Operation.objects.get(), Announcement.objects.get()
            assert operation.total == 2
            assert announcement.race == race
            assert Step.objects.filter(operation=operation, announcement=announcement).count() == 2

    def test_who_came_meanwhile_is_shown_first(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso)
        walk = RaceWalk(organizer, "mail_race").choose(id=race.pk).send("preview", **MAIL)
        enter(contoso.event, "bob@contoso.example")
        assert "Something has changed since you looked" in walk.send("confirm").text
        with organization_scope(contoso.organization.pk):
            assert not Announcement.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"body": "No address"}, "nobody finds the race"),
            ({"body": "{{race_url}} {{acess_url}}"}, "cannot fill in {{acess_url}}"),
            ({"subject": ""}, "This field is required."),
        ],
    )
    def test_words_are_checked(self, fields: dict[str, str], sentence: str, organizer: Client, contoso: Tenant) -> None:
        walk = RaceWalk(organizer, "mail_race").choose(id=make_race(contoso).pk).send("preview", **MAIL | fields)
        assert sentence in walk.text

    def test_nobody_to_write_to(self, organizer: Client, contoso: Tenant) -> None:
        walk = (
            RaceWalk(organizer, "mail_race")
            .choose(id=make_race(contoso).pk)
            .send("preview", **MAIL | {"status": "ready"})
        )
        assert "Nobody gets it." in walk.text
        assert "Has another status" in walk.text
        assert "there is nothing to try" in walk.send("rehearse").text

    def test_race_without_an_address_cannot_be_mailed(self, organizer: Client, contoso: Tenant) -> None:
        race = make_race(contoso, token="", state="owed")
        walk = RaceWalk(organizer, "mail_race").choose(id=race.pk).send("preview", **MAIL)
        assert "cannot be reached yet" in walk.text

    def test_preview_runs_no_script_and_keeps_names_what_they_are(self, organizer: Client, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            type(contoso.registration.participant).objects.update(given_name="<script>alert(1)</script>")
        walk = RaceWalk(organizer, "mail_race").choose(id=make_race(contoso).pk).send("preview", **MAIL)
        assert walk.answer is not None
        content = walk.answer.content.decode()
        assert 'class="paddock-mail" sandbox srcdoc=' in content
        assert "<script>alert(1)" not in content

    def test_everybody_chosen_is_written_to(self, organizer: Client, contoso: Tenant) -> None:
        words = {"subject": "News", "body": "Hello {{given_name}}", "status": "", "reason": "", "race": ""}
        answer = organizer.get(reverse("admin:events_event_write", args=[contoso.event.pk]))
        walk = Walk(organizer, "write").choose(event=contoso.event.pk)
        assert answer.url == f"{walk.address}?event={contoso.event.pk}"
        assert "needs a race" in walk.send("preview", **words | {"body": "{{race_url}}"}).text
        assert "Send: 1 person" in walk.send("preview", **words).text
        walk.send("confirm")
        with organization_scope(contoso.organization.pk):
            assert Step.objects.get(kind="announcement").registration == contoso.registration

    def test_queries_of_the_preview_do_not_grow(self, organizer: Client, contoso: Tenant) -> None:
        race, counts = make_race(contoso), []
        for size in (1, 3, 9):
            for number in range(size):
                enter(contoso.event, f"person{size}-{number}@contoso.example")
            walk = RaceWalk(organizer, "mail_race").choose(id=race.pk)
            with CaptureQueriesContext(connection) as queries:
                walk.send("preview", **MAIL)
            counts.append(len(queries))
        assert len(set(counts)) == 1

    def test_viewers_write_to_nobody(self, contoso: Tenant) -> None:
        viewer = sign_in("viewer", contoso.organization)
        for name in ("events_race_bulk_mail_race", "participants_registration_bulk_write"):
            assert viewer.get(reverse(f"admin:{name}")).status_code == 403
