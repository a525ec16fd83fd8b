"""Reading a portal's table over DynamoDB's own wire: all of it once, then its stream; nobody lost, nobody twice."""

import pytest

from tests.support.portals import build_portal, person
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def test_scan_then_stream(sandbox: Sandbox) -> None:
    portal = build_portal(sandbox, person("ann"), person("ben"))
    assert portal.read()
    assert portal.registered() == ["ann@contoso.example", "ben@contoso.example"]
    portal.put(person("cem"))
    portal.read()
    print(portal.fresh().__dict__)
    assert portal.registered() == ["ann@contoso.example", "ben@contoso.example", "cem@contoso.example"]
