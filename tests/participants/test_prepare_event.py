"""Setting an event up before anybody registers, by command, again and again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from paddock.tenancy.scope import organization_scope
from participants.models import Step
from tests.support.convergence import converge_until
from tests.support.factories import OrganizationFactory
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("prepare_event", *arguments, stdout=output)
    return output.getvalue()


def test_event_is_set_up_and_set_up_again_without_making_anything_twice(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox, directory="identity_center"))
    for _ in range(2):
        assert "is being prepared" in run(event.organization.slug, event.slug)
        converge_until(lambda: all_done(event.organization_id))
    (center,) = sandbox.state()["identity_center"]
    assert [len(center[what]) for what in ("groups", "permission_sets", "assignments")] == [1, 1, 1]


def all_done(organization_id: int) -> bool:
    with organization_scope(organization_id):
        return set(Step.objects.values_list("kind", "state")) == {("group", "done"), ("assignment", "done")}


def test_names_that_do_not_exist_here_are_said(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    outsider = OrganizationFactory()
    with pytest.raises(CommandError, match="no organization “missing”"):
        run("missing", event.slug)
    with pytest.raises(CommandError, match=f"{outsider} has no event “{event.slug}”"):
        run(outsider.slug, event.slug)
