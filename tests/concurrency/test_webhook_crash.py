"""A worker dies with a webhook on its way: it is sent again by the same id, and nothing overtakes it."""

import threading

import pytest

from paddock.tenancy.scope import organization_scope
from participants.domain.quotas.adjusting import KEEP, set_to
from participants.domain.quotas.changing import change_quota
from participants.models import WebhookDelivery
from tests.admin.stage import enter
from tests.support.hooks import Reply, receiving
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.webhooks import make_endpoint
from tests.support.workers import crew
from tests.support.world import build_event, build_organization

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_what_was_sent_and_not_written_down_is_sent_again(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    hold = threading.Event()
    with receiving() as receiver, crew(sandbox, CLAIM_SECONDS="3") as workers:
        endpoint = make_endpoint(
            event.organization, receiver, all_types=False, types=["registration.created", "quota.changed"]
        )
        receiver.always(Reply(hold=hold))
        registration = enter(event, "ann@contoso.example")
        with organization_scope(event.organization_id):
            change_quota(registrations=[registration.pk], minutes=set_to(9), models=KEEP, reason="", actor=None)
        workers.start_beat()
        worker = workers.start_worker()
        wait_until(lambda: receiver.arrivals)
        worker.kill()
        receiver.always(Reply(200))
        workers.start_worker()

        def is_done() -> bool:
            with organization_scope(event.organization_id):
                return not WebhookDelivery.objects.exclude(state="done").exists()

        wait_until(is_done)
        hold.set()
    told = [(each.type, each.id) for each in receiver.arrivals]
    assert [name for name, _ in told] == ["registration.created", "registration.created", "quota.changed"]
    assert told[0] == told[1]
    assert all(each.verify(endpoint.secret) for each in receiver.arrivals)
