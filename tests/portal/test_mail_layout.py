import pytest
from django.template.loader import render_to_string

from events.domain.markdown import render_markdown
from tests.portal.scenes import stage_event

pytestmark = pytest.mark.django_db


def test_layout_carries_the_content_as_it_is() -> None:
    event = stage_event(title="Laps & <speed>")
    content = str(render_markdown("Hello **paddockmarkgivenname**, [start](paddockmarkaccessurl)"))
    html = render_to_string("mail/message.html", {"event": event, "content": content})
    assert content in html
    assert 'href="paddockmarkaccessurl"' in html
    assert "Laps &amp; &lt;speed&gt;" in html
    assert "<script" not in html
    assert "http" not in html  # nothing that a mail reader would fetch
