"""Whatever people type, no table that Paddock writes makes a spreadsheet compute."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.utils import timezone

from events.models import Event, ParticipantGroup, Race, SponsoringAccount
from paddock.audit.recording import record
from paddock.csv_files import FORMULA_STARTS, write_csv
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import end_event
from participants.models import Participant, RaceResult, RacerProfile, Registration, TrainedModel
from tests.admin.stage import Tenant, sign_in
from tests.admin.test_permissions import CASES, find_address, find_ids

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
TABLES = [(name, model) for name, model, *_ in CASES if re.search(r"csv|export", name)]
HOSTILE = [
    *('=HYPERLINK("https://evil.example","Click")', "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1"),
    *("\uff1d1+1", "\uff0b1", "=cmd|' /C calc'!A0"),
]
NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")


def spoil(tenant: Tenant, text: str) -> None:
    """Everything that somebody outside, or in a racing service, can name."""
    with organization_scope(tenant.organization.pk):
        tenant.group.delete()
        ParticipantGroup.objects.create(event=tenant.event, name=text)
        Event.objects.update(title=text)
        Participant.objects.update(given_name=text, family_name=text)
        Registration.objects.update(group=ParticipantGroup.objects.get(), answers={"why": text})
        RacerProfile.objects.update(alias=text, service_id="racer-1", seen_at=timezone.now())
        TrainedModel.objects.update(name=text)
        Race.objects.update(name=text)
        SponsoringAccount.objects.update(name=text)
        race, profile = Race.objects.get(), RacerProfile.objects.get()
        RaceResult.objects.create(race=race, profile=profile, alias=text, rank=1, time_milliseconds=1000)
        end_event(event=tenant.event, keeps_models=True, actor=None, reason=text)
        record(actor=None, action=text, about=profile, reason=text, changes={text: [text, text]})


@pytest.mark.parametrize(("name", "model"), TABLES, ids=[name for name, _ in TABLES])
def test_no_cell_is_a_formula(name: str, model: str, contoso: Tenant, fabrikam: Tenant) -> None:
    ids = find_ids(contoso)
    assert find_ids(fabrikam)
    client, address = sign_in("owner", contoso.organization), find_address(name, model, contoso, ids)
    spoil(contoso, HOSTILE[0])
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("text/csv"), name
    table = answer.getvalue().decode("utf-8-sig")
    cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not NUMBER.match(cell)] == []
    assert "HYPERLINK" in table
    assert "Fabrikam" not in table


def test_every_start_of_a_formula_is_disarmed() -> None:
    answer = write_csv("x.csv", ["=head"], [[text, -1, None] for text in HOSTILE])
    head, *rows = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline=""))
    assert head == ["'=head"]
    assert rows == [[f"'{text}", "-1", ""] for text in HOSTILE]


def test_nothing_else_writes_tables() -> None:
    """Every table of the admin stands in the list above, and all of them are written in one place."""
    ours = [path for room in ("platform", "events", "participants") for path in (ROOT / room).rglob("*.py")]
    writers = [path.name for path in ours if re.search(r"csv\.(writer|DictWriter)|text/csv", path.read_text())]
    assert writers == ["csv_files.py"]
    assert {name for name, _ in TABLES} == {
        *("events_event_export_usage", "events_event_statistics_csv", "events_event_offboarding_csv"),
        *("events_sponsoringaccount_export_usage", "events_race_leaderboard_csv"),
        *("audit_auditentry_csv", "audit_rowchange_csv"),
    }
