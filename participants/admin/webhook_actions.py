"""Delivering once more what endpoints were told, or were not."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from paddock.tenancy.models import Membership
from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.domain.webhooks.redelivering import redeliver
from participants.models import Operation, WebhookDelivery


class Redeliver(BulkAction):
    name = "redeliver"
    label = "Deliver again…"
    title = "Deliver messages again"
    explanation = (
        "These messages are sent once more, also those that arrived. They bear the ids that they had, by which a "
        "receiver knows what it has seen before."
    )
    icon = "replay"
    show = "Show which"
    nobody = "None of them is sent."
    button = "Deliver again"
    counted = ("message", "messages")
    role = Membership.Role.OWNER

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        chosen = list(rows.select_related("endpoint", "message").order_by("pk"))
        obstacles = {each.pk: _find_obstacle(each) for each in chosen}
        return Preview(
            [
                Change(each.pk, str(each), each.get_state_display(), "Sent again")
                for each in chosen
                if not obstacles[each.pk]
            ],
            [Skipped(str(each), obstacles[each.pk]) for each in chosen if obstacles[each.pk]],
        )

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        redeliver(deliveries=rows, actor=actor, reason=answers["reason"])
        return []


def _find_obstacle(delivery: WebhookDelivery) -> str:
    if delivery.endpoint.disabled_at:
        return "The webhook is switched off."
    return "Is being sent at this moment." if delivery.state == WebhookDelivery.State.CLAIMED else ""


REDELIVER = Redeliver()
