"""From a registration to verified access and the mail, over the providers' wire."""

import pytest

from paddock.tenancy.scope import organization_scope
from participants.models import Registration
from tests.support.convergence import settle
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

pytestmark = pytest.mark.django_db(transaction=True)


def status_of(registration: Registration) -> str:
    with organization_scope(registration.organization_id):
        return Registration.objects.with_status().get(pk=registration.pk).status


@pytest.mark.parametrize("mail", ["pinpoint", "ses", "smtp"])
@pytest.mark.parametrize("directory", ["entra", "identity_center"])
def test_person_is_let_in_and_mailed(sandbox: Sandbox, directory: str, mail: str) -> None:
    event = build_event(build_organization(sandbox, directory=directory, mail=mail), title="Summer Cup")
    registration = sign_up(event, "ann")
    assert status_of(registration) == "registered"
    settle()
    assert status_of(registration) == "ready"
    (received,) = sandbox.mailbox()
    assert received["provider"] == mail
    assert received["subject"] == "You're in: Summer Cup"
    assert "Hello Ann," in received["text"]
    assert event.sponsoring_account.account_id in received["html"]
