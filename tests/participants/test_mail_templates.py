"""The words of a mail: whatever organizers and people type, it arrives as they meant it and cannot do more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.markdown import render_markdown
from events.models import Event, MailTemplate
from integrations.mail.protocol import Template
from integrations.mail.rendering import escape_html, render
from paddock.tenancy.scope import organization_scope
from participants.domain.mail_templates import compile_template
from tests.support.factories import EventFactory, MailTemplateFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

PERSON = {
    "given_name": "Ann",
    "family_name": "Lee",
    "access_url": "https://d-1.awsapps.com/start/#/console?account_id=1&role_name=R",
    "status_url": "https://paddock.example/e/o/s/registrations/x:y/",
}


def build(*, title: str = "Summer Cup", subject: str = "", body: str = "") -> Template:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event: Event = EventFactory(title=title, organization=organization)
        if body:
            MailTemplateFactory(event=event, subject=subject, body=body)
        return compile_template(event=event, kind=MailTemplate.Kind.WELCOME)


def test_own_words_in_markdown_become_text_and_html() -> None:
    template = build(
        subject="{{ given_name }}, off you go: {{event}}",
        body="Hello **{{  given_name  }}**,\n\n[Drive now]({{ access_url }}) or see [where you stand]({{status_url}}).",
    )
    assert render(template.subject, PERSON) == "Ann, off you go: Summer Cup"
    text = render(template.text, PERSON)
    assert text.startswith("Hello Ann,")
    assert f"Drive now: {PERSON['access_url']} or see where you stand: {PERSON['status_url']}." in text
    html = render(template.html, PERSON, escape_html)
    assert "<strong>Ann</strong>" in html
    assert 'href="https://d-1.awsapps.com/start/#/console?account_id=1&amp;role_name=R"' in html


def test_our_own_words_need_nothing_from_the_organizer() -> None:
    template = build()
    assert render(template.subject, PERSON) == "You're in: Summer Cup"
    assert f"Start racing: {PERSON['access_url']}" in render(template.text, PERSON)


@pytest.mark.parametrize("title", ["{{access_url}}", "{{ family_name }}", "{{{{given_name}}}}"])
def test_title_that_looks_like_a_mark_is_filled_in_nowhere(title: str) -> None:
    template = build(title=title)
    for part in (template.subject, template.html.partition("<title>")[2].partition("</title>")[0]):
        assert not {"Lee", PERSON["access_url"]} & set(render(part, PERSON).split())


def test_names_cannot_bring_markup_along() -> None:
    html = render(build().html, PERSON | {"given_name": "<script>alert(1)</script>"}, escape_html)
    assert "<script" not in html


@pytest.mark.parametrize(
    ("markdown", "wanted", "unwanted"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script"),
        ("[x](javascript:alert(1))", "x", 'javascript:alert(1)"'),
        ("![x](https://elsewhere.example/pixel.png)", "", "<img"),
        ("# Title", "<h2>Title</h2>", "<h1"),
        ("<b onclick=x>bold</b>", "bold", "<b"),
        ("a | b\n--|--\n1 | 2", "<table>", "a | b"),
    ],
)
def test_markdown_is_clean(markdown: str, wanted: str, unwanted: str) -> None:
    html = render_markdown(markdown)
    assert wanted in html
    assert unwanted not in html


@given(st.text(max_size=300))
def test_any_markdown_is_free_of_scripts(text: str) -> None:
    html = render_markdown(text).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert "<style" not in html
