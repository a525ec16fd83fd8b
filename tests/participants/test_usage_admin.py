"""Racers, usage and prices in the admin."""

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Price, SponsoringAccount
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Participant, RacerProfile, UsageDay
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, build_tenant, enter, page, sign_in
from tests.admin.test_queries import count_queries
from tests.support.world import account_of

STRANGERS = "/admin/participants/racerprofile/strangers/"


@pytest.fixture
def contoso(db: None) -> Tenant:
    return build_tenant("Contoso")


def put_racer(tenant: Tenant, alias: str, *, participant: Participant | None = None, **fields: Any) -> RacerProfile:
    """A racer whom the service knows, with an hour of training."""
    now, account = timezone.now(), account_of(tenant.event)
    observed = {
        "service_id": f"id-{alias}",
        "seen_at": now,
        "used_seconds": 3600,
        "max_minutes": 300,
        "state": "active",
    }
    with organization_scope(tenant.organization.pk):
        if participant:
            RacerProfile.objects.filter(participant=participant).delete()
        profile = RacerProfile.objects.create(
            sponsoring_account=account, alias=alias, participant=participant, **{**observed, **fields}
        )
        UsageDay.objects.create(
            profile=profile,
            event=tenant.event if participant else None,
            day=now.date(),
            training_seconds=3600,
            training_hour_price=3_500_000,
            storage_gigabyte_month_price=23_000,
            as_of=now,
        )
    return profile


def reload(tenant: Tenant, profile: RacerProfile) -> None:
    with organization_scope(tenant.organization.pk):
        profile.refresh_from_db()
        assert profile.participant is None or profile.participant.pk


def add_racers(tenant: Tenant, number: int) -> None:
    person = enter(tenant.event, f"racer{number}@contoso.example").participant
    put_racer(tenant, f"racer-{number}", participant=person)
    put_racer(tenant, f"stranger-{number}")


def test_pages_cost_the_same_for_any_number_of_racers(contoso: Tenant) -> None:
    client = sign_in("operator", contoso.organization)
    account = account_of(contoso.event)
    addresses = [
        page(RacerProfile, "changelist"),
        STRANGERS,
        page(SponsoringAccount, "changelist"),
        page(account),
        page(contoso.event),
        page(contoso.event, "export_usage"),
        page(account, "export_usage"),
    ]
    add_racers(contoso, 0)
    before = [count_queries(client, address) for address in addresses]
    for number in range(1, 12):
        add_racers(contoso, number)
    assert [count_queries(client, address) for address in addresses] == before


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"ann-red", "stranger", "nobody", "gone"}),
        ("link=linked", {"ann-red"}),
        ("link=unlinked", {"stranger", "gone"}),
        ("link=ignored", {"nobody"}),
        ("link=awaited", set()),
        ("state=paused", {"gone"}),
        ("event={event}", {"ann-red"}),
        ("account={account}", {"ann-red", "stranger", "nobody", "gone"}),
        ("q=ann@contoso", {"ann-red"}),
        ("q=strang", {"stranger"}),
    ],
)
def test_the_list_finds_racers(contoso: Tenant, query: str, shown: set[str]) -> None:
    put_racer(contoso, "ann-red", participant=contoso.registration.participant)
    put_racer(contoso, "stranger")
    put_racer(contoso, "nobody", is_ignored=True)
    put_racer(contoso, "gone", state="paused", seen_at=timezone.now() - timedelta(days=2))
    chosen = query.format(event=contoso.event.pk, account=account_of(contoso.event).pk)
    answer = sign_in("viewer", contoso.organization).get(f"{page(RacerProfile, 'changelist')}?{chosen}")
    assert {profile.alias for profile in answer.context["cl"].result_list} == shown


def test_figures_stand_on_the_pages_of_event_and_account(contoso: Tenant) -> None:
    put_racer(contoso, "ann-red", participant=contoso.registration.participant, queued_seconds=1800)
    put_racer(contoso, "stranger")
    client = sign_in("viewer", contoso.organization)
    of_event = client.get(page(contoso.event)).content.decode()
    of_account = client.get(page(account_of(contoso.event))).content.decode()
    assert "$3.50" in of_event  # spent
    assert "$1.75" in of_event  # at worst
    assert "Not read yet" in of_event
    assert "$7.00" in of_account


class TestStrangers:
    def decide(self, client: Client, **answers: Any) -> int:
        return client.post(STRANGERS, answers).status_code

    def test_a_person_links_whom_they_know(self, contoso: Tenant) -> None:
        stranger = put_racer(contoso, "ann-1")
        client = sign_in("organizer", contoso.organization)
        person = contoso.registration.participant
        content = client.get(STRANGERS).content.decode()
        assert f'name="participant" value="{person.pk}"' in content
        assert self.decide(client, profile=stranger.pk, participant=person.pk, reason="Asked her") == 302
        with organization_scope(contoso.organization.pk):
            linked = RacerProfile.objects.get(participant=person)
            assert (linked.pk, linked.linked_by) == (stranger.pk, "person")
            assert UsageDay.objects.get(profile=linked).event == contoso.event
            assert AuditEntry.objects.get(object_type="racerprofile").reason == "Asked her"
        assert "Everybody is known" in client.get(STRANGERS).content.decode()

    def test_a_person_says_nobody_of_ours(self, contoso: Tenant) -> None:
        stranger = put_racer(contoso, "visitor")
        client = sign_in("organizer", contoso.organization)
        assert self.decide(client, profile=stranger.pk, nobody="1") == 302
        reload(contoso, stranger)
        assert stranger.is_ignored

    def test_the_page_of_a_racer_asks_by_address(self, contoso: Tenant) -> None:
        stranger = put_racer(contoso, "visitor")
        client = sign_in("organizer", contoso.organization)
        address = page(stranger, "link")
        wrong = client.post(address, {"email": "nobody@contoso.example", "reason": "x", "_form_submitted": "True"})
        assert "Nobody has registered" in wrong.content.decode()
        client.post(address, {"email": "ANN@contoso.example", "reason": "Asked her", "_form_submitted": "True"})
        reload(contoso, stranger)
        assert stranger.participant == contoso.registration.participant
        client.post(page(stranger, "unlink"), {"reason": "Not her", "_form_submitted": "True"})
        reload(contoso, stranger)
        assert stranger.participant is None

    def test_viewers_decide_nothing(self, contoso: Tenant) -> None:
        stranger = put_racer(contoso, "visitor")
        client = sign_in("viewer", contoso.organization)
        data = {"email": "ann@contoso.example", "reason": "x", "_form_submitted": "True"}
        for name in ("link", "unlink", "ignore"):
            assert client.post(page(stranger, name), data).status_code == 403
        assert self.decide(client, profile=stranger.pk, nobody="1") == 403

    def test_a_page_offers_what_fits(self, contoso: Tenant) -> None:
        person = contoso.registration.participant
        racers = {
            "awaited": contoso.rows[RacerProfile],
            "unknown": put_racer(contoso, "visitor"),
            "ignored": put_racer(contoso, "guest", is_ignored=True),
        }
        racers["linked"] = put_racer(
            contoso, "ann-red", participant=enter(contoso.event, "b@contoso.example").participant
        )
        assert person
        client = sign_in("organizer", contoso.organization)
        offers = {
            state: [
                name
                for name in ("link", "unlink", "ignore")
                if page(racer, name) in client.get(page(racer)).content.decode()
            ]
            for state, racer in racers.items()
        }
        assert offers == {"awaited": [], "unknown": ["link", "ignore"], "ignored": ["link"], "linked": ["unlink"]}

    def test_outsiders_find_and_change_nothing(self, contoso: Tenant) -> None:
        stranger = put_racer(contoso, "contoso-visitor")
        fabrikam = build_tenant("Fabrikam")
        client = sign_in("owner", fabrikam.organization)
        for address in (STRANGERS, page(RacerProfile, "changelist")):
            assert "contoso" not in client.get(address).content.decode().lower()
        assert self.decide(client, profile=stranger.pk, nobody="1") == 404
        own = put_racer(fabrikam, "visitor")
        assert self.decide(client, profile=own.pk, participant=contoso.registration.participant.pk) == 404
        for name in ("link", "unlink", "ignore"):
            data = {"email": "ann@fabrikam.example", "reason": "x", "_form_submitted": "True"}
            assert client.post(page(stranger, name), data).status_code == 404
        for row in (contoso.event, account_of(contoso.event)):
            assert client.get(page(row, "export_usage")).status_code == 404

    def test_whoever_is_for_chosen_events_sees_their_racers_alone(self, contoso: Tenant) -> None:
        stranger = put_racer(contoso, "visitor")
        mine = put_racer(contoso, "ann-red", participant=contoso.registration.participant)
        client = sign_in("organizer", contoso.organization, events=[contoso.event])
        content = client.get(page(RacerProfile, "changelist")).content.decode()
        assert "ann-red" in content
        assert "visitor" not in content
        assert client.get(STRANGERS).status_code == 403
        assert client.get(page(mine)).status_code == 200
        assert client.get(page(stranger)).status_code == 302


def read_csv(client: Client, row: Event | SponsoringAccount) -> list[dict[str, str]]:
    answer = client.get(page(row, "export_usage"))
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    return list(csv.DictReader(lines))


def test_usage_leaves_as_a_table(contoso: Tenant) -> None:
    put_racer(contoso, "ann-red", participant=contoso.registration.participant, queued_seconds=90)
    put_racer(contoso, "-stranger")
    enter(contoso.event, "bob@contoso.example")
    client = sign_in("viewer", contoso.organization)
    people = {row["E-mail"]: row for row in read_csv(client, contoso.event)}
    ann, bob = people["ann@contoso.example"], people["bob@contoso.example"]
    assert (ann["Racer alias"], ann["Training minutes"], ann["Spent, USD"]) == ("ann-red", "60.0", "3.5")
    assert (ann["Running and queued minutes"], ann["State"]) == ("1.5", "Active")
    assert ann["As of (UTC)"]
    assert (bob["Training minutes"], bob["As of (UTC)"]) == ("0.0", "")
    racers = {row["Racer alias"]: row for row in read_csv(client, account_of(contoso.event))}
    assert set(racers) == {"ann-red", "'-stranger"}


def test_prices_are_typed_in_dollars_and_hold_from_their_day(contoso: Tenant) -> None:
    put_racer(contoso, "ann-red", participant=contoso.registration.participant)
    client, account = sign_in("owner", contoso.organization), account_of(contoso.event)
    form = read_form(client, page(account)) | {
        "prices-TOTAL_FORMS": "1",
        "prices-0-id": "",
        "prices-0-sponsoring_account": account.pk,
        "prices-0-valid_from": f"{timezone.now().date() - timedelta(days=1)}",
        "prices-0-training_hour": "2.25",
        "prices-0-storage_gigabyte_month": "0.023",
    }
    answer = client.post(page(account), form)
    assert answer.status_code == 302, answer.context["errors"]
    with organization_scope(contoso.organization.pk):
        price = Price.objects.get()
        assert (price.training_hour, price.storage_gigabyte_month) == (2_250_000, 23_000)
        assert UsageDay.objects.get().training_hour_price == 2_250_000
        assert AuditEntry.objects.filter(action="changed prices").exists()
    assert "$2.25" in client.get(page(contoso.event)).content.decode()


def test_an_account_without_prices_says_so(contoso: Tenant) -> None:
    account = account_of(contoso.event)
    with organization_scope(contoso.organization.pk):
        SponsoringAccount.objects.filter(pk=account.pk).update(
            kind="deepracer_on_aws", site_url="https://racing.example", sync_error="The role does not trust Paddock."
        )
    content = sign_in("viewer", contoso.organization).get(
        reverse("admin:events_sponsoringaccount_change", args=[account.pk])
    )
    assert "has no prices" in content.content.decode()
    assert "The role does not trust Paddock." in content.content.decode()
