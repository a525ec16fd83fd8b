"""What organizers write in Markdown, and what people type elsewhere, is never a script to somebody else."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from events.domain.markdown import ALLOWED_TAGS, render_markdown
from events.models import Event
from integrations.mail.rendering import escape_html, render
from paddock.tenancy.scope import organization_scope
from participants.domain.event_invitations.words import address_invitation, write_invitation
from participants.domain.mail_templates import compile_words
from tests.floor.payloads import PAYLOADS
from tests.portal.scenes import offer, portal_path, stage_event

SCHEMES = ("https:", "http:", "mailto:", "tel:")
PIECES = st.sampled_from(
    [*PAYLOADS, "<", ">", '"', "'", "[", "](", ")", "`", "\n", "#", "|", "&#x", ";", "javascript:"]
)


class Finder(HTMLParser):
    """What a page would do: its tags, its attributes that lead somewhere or run, and their values."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def check(html: str) -> None:
    found = Finder(html)
    assert found.tags <= ALLOWED_TAGS
    for name, value in found.attributes:
        assert name in {"href", "rel", "title", "start", "align", "colspan", "rowspan", "lang"}, (name, value)
        if name == "href":
            assert value.lower().startswith(SCHEMES) or ":" not in value.partition("/")[0], value


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_it_is_left(payload: str) -> None:
    check(render_markdown(payload))


@given(st.lists(PIECES | st.text(max_size=20), max_size=12).map("".join))
def test_whatever_is_written(text: str) -> None:
    check(render_markdown(text))


@pytest.mark.django_db
def test_on_the_event_s_page(client: Client) -> None:
    event, outsider = furnish(stage_event()), stage_event(summary="Plain", description="Plain")
    offer(outsider, group="Plain", title="Plain", text="Plain")
    hostile, plain = read_page(client, event), read_page(client, outsider)
    assert hostile.tags - plain.tags <= ALLOWED_TAGS
    for name, value in hostile.attributes:
        assert not name.startswith(("on", "x-", "srcdoc")), (name, value)
        assert name in {known for known, _ in plain.attributes} | {"href", "rel", "title"}, (name, value)
        if name in ("href", "src", "action"):
            assert not value.lower().strip().startswith(("javascript", "data", "vbscript")), value


def furnish(event: Event) -> Event:
    """Every text of an event, full of them."""
    with organization_scope(event.organization_id):
        event.title = event.summary = PAYLOADS[0][:200]
        event.description = "\n\n".join(PAYLOADS)
        event.save()
    for payload in PAYLOADS:
        offer(event, group=payload[:100], title=payload[:200], text=payload)
    return event


def read_page(client: Client, event: Event) -> Finder:
    answer = client.get(portal_path(event))
    assert answer.status_code == 200
    return Finder(answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["announcement", "invitation"])
def test_in_a_mail(kind: str) -> None:
    """Neither in its words, nor in what is filled in for one person."""
    event = stage_event(title=PAYLOADS[0])
    with organization_scope(event.organization_id):
        event = Event.objects.select_related("organization").get()
        for payload in PAYLOADS:
            body = f"{{{{given_name}}}}\n\n[go]({{{{portal_url}}}})\n\n{payload}"
            values: dict[str, Any] = {"given_name": payload, "portal_url": "https://paddock.example/"}
            if kind == "invitation":
                letter = write_invitation(event=event, subject=payload, body=body)
                values |= address_invitation(event, key="x", email="a@b.example").substitutions
            else:
                letter = compile_words(event=event, subject=payload, body=body)
            found = Finder(render(letter.html, values, escape_html))
            assert not found.tags & {"script", "iframe", "img", "svg", "object", "embed", "form", "base", "input"}
            assert not [each for each in found.attributes if each[0].startswith(("on", "x-", "hx-"))]
            links = [value.lower() for name, value in found.attributes if name in ("href", "src")]
            assert not [each for each in links if each.startswith(("javascript", "data", "vbscript"))]
