"""The page of an event: times in its zone, errors at their fields, questions, mail."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from events.models import Event, MailTemplate
from paddock.tenancy.scope import organization_scope
from participants.models import Message
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, page, sign_in

DATES = {
    "starts_at": ("2027-07-01", "09:00"),
    "ends_at": ("2027-07-02", "18:00"),
    "registration_opens_at": ("2027-06-01", "00:00"),
    "registration_closes_at": ("2027-06-30", "00:00"),
}


def split_dates(dates: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {f"{name}_{number}": part for name, parts in dates.items() for number, part in enumerate(parts)}


def fill_in(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    form = read_form(sign_in("owner", tenant.organization), page(Event, "add"))
    form |= {"title": "New Cup", "slug": "new-cup", "time_zone": "Europe/Berlin", **split_dates(DATES)}
    return form | changes


def find_event(tenant: Tenant, slug: str = "new-cup") -> Event:
    with organization_scope(tenant.organization.pk):
        return Event.objects.get(slug=slug)


class TestNewEvent:
    def test_starts_with_the_only_connections_and_the_built_in_questions(self, contoso: Tenant) -> None:
        organizer = sign_in("organizer", contoso.organization)
        answer = organizer.post(page(Event, "add"), fill_in(contoso))
        assert answer.status_code == 302, answer.context["errors"]
        event = find_event(contoso)
        assert event.directory_id == contoso.event.directory_id
        with organization_scope(contoso.organization.pk):
            assert [question.key for question in event.questions.all()] == ["ai_ml_level", "new_to_aws"]
            assert not MailTemplate.objects.exists()

    def test_mail_that_nobody_touched_stays_paddocks_own(self, contoso: Tenant) -> None:
        """As browsers send it, with their own ends of lines."""
        organizer = sign_in("organizer", contoso.organization)
        form = read_form(organizer, page(contoso.event))
        body = next(name for name in form if name.startswith("mail_templates-") and name.endswith("-body"))
        assert form[body]
        answer = organizer.post(page(contoso.event), form | {body: form[body].replace("\n", "\r\n")})
        assert answer.status_code == 302, answer.context["errors"]
        with organization_scope(contoso.organization.pk):
            assert not MailTemplate.objects.exists()

    def test_times_are_those_of_its_zone(self, contoso: Tenant) -> None:
        organizer = sign_in("organizer", contoso.organization)
        organizer.post(page(Event, "add"), fill_in(contoso))
        event = find_event(contoso)
        assert event.starts_at == datetime(2027, 7, 1, 7, 0, tzinfo=UTC)
        form = read_form(organizer, page(event))
        assert (str(form["starts_at_0"]), str(form["starts_at_1"])) == ("2027-07-01", "09:00:00")
        organizer.post(page(event), form | {"time_zone": "Asia/Tokyo"})
        assert find_event(contoso).starts_at == datetime(2027, 7, 1, 0, 0, tzinfo=UTC)
        assert "1 Jul 2027, 09:00 JST" in organizer.get(page(Event, "changelist")).content.decode()
        assert timezone.get_current_timezone_name() == "UTC"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            (split_dates({"ends_at": ("2027-06-01", "09:00")}), "ends_at"),
            (split_dates({"registration_closes_at": ("2027-05-01", "09:00")}), "registration_closes_at"),
            (split_dates({"starts_at": ("soon", "09:00")}), "starts_at"),
            ({"slug": "Not A Slug"}, "slug"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
            ({"session_minutes": "5"}, "session_minutes"),
            ({"directory": "999999"}, "directory"),
            ({"capacity": "-1"}, "capacity"),
            ({"title": ""}, "title"),
        ],
    )
    def test_errors_name_their_field(self, changes: dict[str, str], field: str, contoso: Tenant) -> None:
        answer = sign_in("organizer", contoso.organization).post(page(Event, "add"), fill_in(contoso, **changes))
        assert answer.status_code == 200
        assert list(answer.context["adminform"].form.errors) == [field]

    def test_an_address_that_is_taken_is_an_error_of_its_field(self, contoso: Tenant, fabrikam: Tenant) -> None:
        organizer = sign_in("organizer", contoso.organization)
        answer = organizer.post(page(Event, "add"), fill_in(contoso, slug=contoso.event.slug))
        assert list(answer.context["adminform"].form.errors) == ["slug"]
        assert organizer.post(page(Event, "add"), fill_in(contoso, slug=fabrikam.event.slug)).status_code == 302


def test_lists_are_typed_one_item_a_line(contoso: Tenant) -> None:
    organizer, address = sign_in("organizer", contoso.organization), page(contoso.event)
    question = {
        "questions-TOTAL_FORMS": "1",
        "questions-0-key": "team",
        "questions-0-label": "Team?",
        "questions-0-kind": "choice",
        "questions-0-choices": "Red, the fast one\r\n\r\nBlue\r\n",
        "questions-0-position": "0",
    }
    form = read_form(organizer, address) | question | {"allowed_email_domains": "Contoso.example\n@fabrikam.example"}
    answer = organizer.post(address, form)
    assert answer.status_code == 302, answer.context["errors"]
    event = find_event(contoso, contoso.event.slug)
    assert event.allowed_email_domains == ["contoso.example", "fabrikam.example"]
    with organization_scope(contoso.organization.pk):
        assert event.questions.get().choices == ["Red, the fast one", "Blue"]
    assert "Red, the fast one\nBlue" in organizer.get(address).content.decode()


def test_an_event_that_people_registered_for_cannot_be_deleted(contoso: Tenant) -> None:
    organizer = sign_in("organizer", contoso.organization)
    choice = {"action": "delete_selected", "_selected_action": [contoso.event.pk], "post": "yes"}
    choice["audit_reason"] = "Over"
    organizer.post(page(Event, "changelist"), choice)
    assert find_event(contoso, contoso.event.slug)


class TestMail:
    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ("{{access_url}} {{nmae}}", "Paddock cannot fill in {{nmae}}. It knows {{given_name}},"),
            ("{{acess_url}} {{access_url}}", "Paddock cannot fill in {{acess_url}}. Did you mean {{access_url}}?"),
            ("{{access_url}} {{given name}}", "A placeholder is written like {{given_name}}"),
            ("{{access_url}} {{given_name}", "A placeholder is written like {{given_name}}"),
            ("Hello!", "Without {{access_url}} nobody finds the way in."),
        ],
    )
    def test_bad_placeholders_are_one_clear_error(self, body: str, sentence: str, contoso: Tenant) -> None:
        organizer, address = sign_in("organizer", contoso.organization), page(contoso.event)
        answer = organizer.post(address, read_form(organizer, address) | {"mail_templates-0-body": body})
        formset = answer.context["inline_admin_formsets"][-1].formset
        (error,) = formset.errors[0]["body"]
        assert sentence in error

    def test_own_words_are_shown_as_they_arrive(self, contoso: Tenant) -> None:
        organizer, address = sign_in("organizer", contoso.organization), page(contoso.event)
        assert "your access to DeepRacer for" in organizer.get(address).content.decode()
        words = {
            "mail_templates-0-subject": "Go, {{ given_name }}",
            "mail_templates-0-body": "# Go\n{{ access_url }} <b>x</b>",
        }
        assert organizer.post(address, read_form(organizer, address) | words).status_code == 302
        content = organizer.get(address).content.decode()
        assert 'sandbox srcdoc="' in content
        assert "https://example.com/the-way-in" in content
        assert "Go, Ann" in content


def test_a_message_is_shown_in_a_frame_that_runs_nothing(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        Message.objects.update(html="<p>Words <script>bad()</script></p>")
    content = sign_in("viewer", contoso.organization).get(page(contoso.message)).content.decode()
    assert "&lt;script&gt;bad()" in content
    assert "<script>bad()" not in content
    assert 'name="_save"' not in content


@pytest.mark.parametrize(("query", "found"), [("ANN@contoso", 1), ("ann anncontoso", 1), ("bob", 0)])
def test_registrations_are_found_by_address_and_name(query: str, found: int, contoso: Tenant) -> None:
    viewer = sign_in("viewer", contoso.organization)
    for name in ("registration", "participant"):
        answer = viewer.get(f"/admin/participants/{name}/", {"q": query})
        assert answer.context["cl"].result_count == found


def test_answers_are_shown_with_their_questions(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        contoso.event.questions.create(key="food", label="What do you eat?", kind="choices", choices=["a", "b"])
        contoso.registration.answers = {"food": ["Fish", "Chips"], "gone": True}
        contoso.registration.save()
    content = sign_in("viewer", contoso.organization).get(page(contoso.registration)).content.decode()
    assert "What do you eat?" in content
    assert "Fish, Chips" in content
    assert "<dd>Yes</dd>" in content


def test_times_of_people_are_in_the_event_s_zone(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        Event.objects.update(time_zone="Asia/Kolkata")
    content = sign_in("viewer", contoso.organization).get("/admin/participants/registration/").content.decode()
    assert " IST" in content
