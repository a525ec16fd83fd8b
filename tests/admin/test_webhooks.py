"""Pages about webhooks: who sees what, secrets that are shown once, and what can be done by hand."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage
from tests.admin.stage import Tenant, enter, page, sign_in
from tests.admin.test_bulk import token_of
from tests.support.factories import EventFactory

FORM = {"url": "https://hooks.example/in", "description": "CRM", "all_types": "on", "reason": "The CRM wants to know."}

DIALOG = {"_form_submitted": "True"}


def add(client: Client, **changes: str) -> str:
    return client.post(page(WebhookEndpoint, "add"), FORM | changes).content.decode()


def find_secret(answer: str) -> str:
    found = re.findall(r"whsec_[\w+/=]+", answer)
    return found[0] if found else ""


def make(tenant: Tenant, **fields: object) -> WebhookEndpoint:
    with organization_scope(tenant.organization.pk):
        known = {
            "url": f"https://{tenant.mark}.example/in",
            "description": f"{tenant.mark} CRM",
            "secret": "whsec_c2Vj",
        }
        endpoint: WebhookEndpoint = WebhookEndpoint.objects.create(**known | fields)
        return endpoint


def tell(tenant: Tenant, endpoint: WebhookEndpoint, email: str = "", **fields: object) -> WebhookDelivery:
    """A message about somebody, that was tried once."""
    registration = enter(tenant.event, email) if email else tenant.registration
    with organization_scope(tenant.organization.pk):
        message = WebhookMessage.objects.create(
            type="access.verified", event=tenant.event, registration=registration, body='{"type":"access.verified"}'
        )
        delivery = WebhookDelivery.objects.create(
            **{"endpoint": endpoint, "message": message, "registration": registration, "state": "failed"} | fields
        )
        WebhookAttempt.objects.create(delivery=delivery, status=500, milliseconds=12, answer="<b>out of order</b>")
        return delivery


def test_a_new_secret_is_shown_once(contoso: Tenant) -> None:
    client = sign_in("owner", contoso.organization)
    answer = add(client)
    secret = find_secret(answer)
    assert len(secret) > 40
    with organization_scope(contoso.organization.pk):
        endpoint = WebhookEndpoint.objects.get()
        assert endpoint.secret == secret
        entry = AuditEntry.objects.get(action="added a webhook")
    assert entry.reason == FORM["reason"]
    for address in (page(WebhookEndpoint, "changelist"), page(endpoint), page(entry), page(endpoint, "rotate_secret")):
        assert not find_secret(client.get(address).content.decode()), address
    rotated = client.post(page(endpoint, "rotate_secret"), {"reason": "Somebody left."})
    assert rotated.headers["Cache-Control"].count("no-store")
    assert find_secret(rotated.content.decode()) not in ("", secret)
    assert "goes on signing" in rotated.content.decode()
    assert "Two secrets sign" in client.get(page(endpoint)).content.decode()


def test_a_rotation_without_a_reason_does_nothing(contoso: Tenant) -> None:
    endpoint, client = make(contoso), sign_in("owner", contoso.organization)
    assert not find_secret(client.post(page(endpoint, "rotate_secret"), {"reason": ""}).content.decode())
    with organization_scope(contoso.organization.pk):
        assert WebhookEndpoint.objects.get().secret == endpoint.secret


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "ftp://hooks.example/"}, "begins with https://"),
        ({"url": "https://me:secret@hooks.example/"}, "Leave user name and password out"),
        ({"url": "https://10.0.0.8/"}, "no public address"),
        ({"url": ""}, "This field is required"),
        ({"reason": ""}, "This field is required"),
        ({"all_types": ""}, "Choose what it is told"),
        ({"all_types": "", "types": "nonsense"}, "nonsense is not one of the available choices"),
    ],
)
def test_mistakes_are_named(contoso: Tenant, changes: dict[str, str], sentence: str) -> None:
    client = sign_in("owner", contoso.organization)
    answer = client.post(page(WebhookEndpoint, "add"), {k: v for k, v in (FORM | changes).items() if v})
    assert sentence in answer.content.decode()
    with organization_scope(contoso.organization.pk):
        assert not WebhookEndpoint.objects.exists()


def test_changes_leave_their_reason_behind(contoso: Tenant) -> None:
    endpoint, client = make(contoso), sign_in("owner", contoso.organization)
    changed = {"url": endpoint.url, "types": ["quota.changed"], "reason": "Quotas are all it needs."}
    assert client.post(page(endpoint), changed).status_code == 302
    with organization_scope(contoso.organization.pk):
        assert WebhookEndpoint.objects.get().types == ["quota.changed"]
        entry = AuditEntry.objects.get(action="changed a webhook")
    assert entry.reason == changed["reason"]
    assert entry.changes["everything"] == [True, False]
    assert "secret" not in entry.changes
    for role, status in (("owner", 200), ("organizer", 302), ("viewer", 302)):  # an address may hold a secret
        assert sign_in(role, contoso.organization).get(page(entry)).status_code == status, role


def test_there_is_room_for_some(contoso: Tenant) -> None:
    for number in range(20):
        make(contoso, url=f"https://{number}.example/")
    assert "at most 20 webhooks" in add(sign_in("owner", contoso.organization))


def test_switching_off_and_on(contoso: Tenant) -> None:
    endpoint, client = make(contoso), sign_in("owner", contoso.organization)
    waiting = tell(contoso, endpoint, state="ready")
    client.post(page(endpoint, "switch_off"), DIALOG | {"reason": "It floods us."})
    answer = client.get(page(endpoint)).content.decode()
    assert "It floods us." in answer
    assert "Switch on" in answer
    assert "Switch off" not in answer
    with organization_scope(contoso.organization.pk):
        waiting.refresh_from_db()
        assert waiting.state == "failed"
    late = tell(contoso, endpoint, state="ready")
    client.post(page(endpoint, "switch_on"), DIALOG | {"reason": "It is bigger now."})
    with organization_scope(contoso.organization.pk):
        late.refresh_from_db()
        assert late.state == "failed"
        assert WebhookEndpoint.objects.get().disabled_at is None
        reasons = set(AuditEntry.objects.filter(object_type="webhookendpoint").values_list("reason", flat=True))
    assert reasons == {"It floods us.", "It is bigger now."}


def test_the_test_button_leads_to_what_comes_back(contoso: Tenant) -> None:
    endpoint, client = make(contoso), sign_in("owner", contoso.organization)
    answer = client.post(page(endpoint, "send_test"), DIALOG)
    with organization_scope(contoso.organization.pk):
        delivery = WebhookDelivery.objects.get()
    assert answer.url == page(delivery)
    assert "webhook.test" in client.get(answer.url).content.decode()
    assert "hx-get" in client.get(page(delivery, "progress")).content.decode()  # it asks again by itself
    with organization_scope(contoso.organization.pk):
        WebhookDelivery.objects.update(state="done")
    assert "hx-get" not in client.get(page(delivery, "progress")).content.decode()


def test_the_log_shows_attempts_and_their_answers(contoso: Tenant) -> None:
    delivery, client = tell(contoso, make(contoso)), sign_in("viewer", contoso.organization)
    answer = client.get(page(delivery)).content.decode()
    for words in ("500", "12 ms", "&lt;b&gt;out of order&lt;/b&gt;", delivery.message.key, "access.verified"):
        assert words in answer, words
    assert "Deliver again" not in answer
    assert "ann@contoso.example" in client.get(page(WebhookDelivery, "changelist")).content.decode()


def test_what_waits_for_an_earlier_message_says_so(contoso: Tenant) -> None:
    endpoint, client = make(contoso), sign_in("viewer", contoso.organization)
    first, second = (tell(contoso, endpoint, state="ready") for _ in range(2))
    assert "After an earlier message" not in client.get(page(first)).content.decode()
    answer = client.get(page(second)).content.decode()
    assert "After an earlier message" in answer
    assert page(second, "progress") not in answer  # nothing is to be seen soon


def test_filters(contoso: Tenant) -> None:
    endpoint, client = make(contoso), sign_in("owner", contoso.organization)
    link = page(tell(contoso, endpoint))
    for query, shown in {
        "state=failed": True,
        "state=done": False,
        "type=access.verified": True,
        "type=quota.changed": False,
        f"event={contoso.event.pk}": True,
        "event=0": False,
        f"webhook={endpoint.pk}": True,
        "webhook=0": False,
        "webhook=x": False,
        "q=ann@": True,
        "q=bob@": False,
    }.items():
        answer = client.get(f"{page(WebhookDelivery, 'changelist')}?{query}").content.decode()
        assert (link in answer) is shown, query


@pytest.mark.parametrize("role", ["viewer", "organizer"])
def test_members_for_chosen_events_see_those_alone(contoso: Tenant, role: str) -> None:
    endpoint = make(contoso)
    ours = tell(contoso, endpoint)
    with organization_scope(contoso.organization.pk):
        other = EventFactory(directory=contoso.event.directory)
        message = WebhookMessage.objects.create(type="budget.threshold", event=None, body="{}")
        theirs = WebhookDelivery.objects.create(endpoint=endpoint, message=message, state="done")
    client = sign_in(role, contoso.organization, events=[contoso.event])
    assert client.get(page(ours)).status_code == 200
    assert client.get(page(theirs)).status_code == 302
    assert client.get(page(theirs, "progress")).status_code == 404
    client = sign_in(role, contoso.organization, events=[other])
    assert client.get(page(ours)).status_code == 302
    assert client.get(page(endpoint)).status_code == 403
    assert client.post(page(endpoint, "send_test"), {}).status_code == 403


def test_other_organizations_see_nothing(contoso: Tenant, fabrikam: Tenant) -> None:
    endpoint = make(contoso)
    delivery, client = tell(contoso, endpoint), sign_in("owner", fabrikam.organization)
    make(fabrikam)
    for model in (WebhookEndpoint, WebhookDelivery):
        assert "contoso" not in client.get(page(model, "changelist")).content.decode().lower()
    for address in (page(endpoint), page(delivery)):
        assert client.get(address).status_code == 302
    for what in ("send_test", "rotate_secret", "switch_off", "switch_on"):
        assert client.post(page(endpoint, what), DIALOG | {"reason": "Theirs."}).status_code == 404, what
    with organization_scope(contoso.organization.pk):
        endpoint.refresh_from_db()
        assert (endpoint.disabled_at, endpoint.previous_secret) == (None, "")


def test_delivering_several_again(contoso: Tenant) -> None:
    endpoint, client = make(contoso), sign_in("owner", contoso.organization)
    rows = [tell(contoso, endpoint, f"racer{number}@contoso.example") for number in range(3)]
    off = tell(contoso, make(contoso, description="Off", disabled_at=timezone.now()))
    address = page(WebhookDelivery, "bulk_redeliver")
    chosen = {"action": "redeliver", "_selected_action": [row.pk for row in (*rows, off)], "index": 0}
    answer = client.post(page(WebhookDelivery, "changelist"), chosen)
    answer = client.post(address, {"token": token_of(answer), "stage": "preview", "reason": "It was down."})
    assert "switched off" in answer.content.decode()
    client.post(address, {"token": token_of(answer), "stage": "confirm"})
    with organization_scope(contoso.organization.pk):
        for row in (*rows, off):
            row.refresh_from_db()
        assert [row.state for row in (*rows, off)] == ["ready", "ready", "ready", "failed"]
        assert AuditEntry.objects.get(action="delivered 3 messages again").reason == "It was down."


SIZES = (1, 3, 12)


def test_lists_cost_the_same_however_long_they_are(contoso: Tenant) -> None:
    client, endpoint = sign_in("owner", contoso.organization), make(contoso)
    lists = [page(model, "changelist") for model in (WebhookEndpoint, WebhookDelivery)]
    counts: dict[str, list[int]] = {address: [] for address in lists}
    grown = 0
    for size in SIZES:
        for number in range(grown, size):
            tell(contoso, endpoint, f"racer{number}@contoso.example", state=("ready", "failed", "done")[number % 3])
            make(contoso, url=f"https://{number}.example/")
        grown = size
        for address in lists:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts[address].append(len(queries))
    assert {address: each for address, each in counts.items() if len(set(each)) > 1} == {}
