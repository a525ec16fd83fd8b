"""What somebody sees who was removed: calm words, what is being closed, and no way in."""

import pytest
from django.test import Client

from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import remove_participants
from participants.models import Registration, Step
from tests.portal.scenes import path_of, sign_up, stage_event

pytestmark = pytest.mark.django_db


def remove(registration: Registration) -> None:
    with organization_scope(registration.organization_id):
        remove_participants(registrations=[registration], keeps_models=False, actor=None, reason="They left")


@pytest.mark.parametrize("status", ["registered", "ready", "failed"])
@pytest.mark.parametrize(
    ("state", "words", "name"),
    [
        ("ready", "Your access is being closed", "removing"),
        ("failed", "Your access is being closed", "removing"),
        ("done", "Your access is closed", "removed"),
    ],
)
def test_a_removed_person(client: Client, status: str, state: str, words: str, name: str) -> None:
    registration = sign_up(stage_event(), status=status)
    remove(registration)
    with organization_scope(registration.organization_id):
        Step.objects.filter(registration=registration, kind__startswith="remove_").update(state=state)
    page = client.get(path_of(registration), headers={"Accept": "text/html"}).content.decode()
    assert f"<h1>{words}</h1>" in page
    assert "What is being closed" in page
    assert "Start racing" not in page
    assert "Membership" not in page
    answer = client.get(path_of(registration), headers={"Accept": "application/json"}).json()
    assert (answer["status"], answer["access_url"]) == (name, None)
    assert {step["name"].partition("_")[0] for step in answer["steps"]} == {"remove"}
