"""Graph's directory: look-up, groups and members, with the real limits and error bodies."""

import pytest

from tests.sandbox.world import Graph
from tests.support.sandbox import Sandbox


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mail eq 'ann.lee@contoso.example'", ["ann.lee@contoso.example"]),
        ("userPrincipalName eq 'ann.lee@contoso.example'", ["ann.lee@contoso.example"]),
        ("mail in ('a@contoso.example', 'b@contoso.example')", ["a@contoso.example", "b@contoso.example"]),
        ("mail eq 'a@contoso.example' or (mail eq 'b@contoso.example')", ["a@contoso.example", "b@contoso.example"]),
        ("mail eq 'o''hara@contoso.example'", ["o'hara@contoso.example"]),
        ("mail eq 'nobody@contoso.example'", []),
        ("mail eq 'ann@elsewhere.example'", []),
    ],
)
def test_users_are_found_by_filter(graph: Graph, text: str, found: list[str]) -> None:
    answer = graph.call("GET", "/users", filter=text)
    assert answer.status_code == 200
    assert sorted(user["mail"] for user in answer.json()["value"]) == found


@pytest.mark.parametrize("text", ["mail", "mail eq 'a", "mail eq 'a' and mail eq 'b'", "jobTitle eq 'x'"])
def test_other_filters_are_refused(graph: Graph, text: str) -> None:
    assert graph.call("GET", "/users", filter=text).status_code == 400


@pytest.mark.parametrize(("count", "status"), [(15, 200), (16, 400)])
def test_a_filter_takes_fifteen_expressions(graph: Graph, count: int, status: int) -> None:
    addresses = ",".join(f"'racer{number}@contoso.example'" for number in range(count))
    assert graph.call("GET", "/users", filter=f"mail in ({addresses})").status_code == status


def test_a_user_is_read_by_id_and_selected(graph: Graph) -> None:
    user_id = graph.user_id("ann.lee@contoso.example")
    user = graph.call("GET", f"/users/{user_id}", select="givenName,surname").json()
    assert user == {"givenName": "Ann", "surname": "Lee"}


def test_an_unknown_user_is_named(graph: Graph) -> None:
    answer = graph.call("GET", "/users/unknown")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "Request_ResourceNotFound"
    assert answer.json()["error"]["message"].startswith("Resource 'unknown' does not exist")


def test_a_group_is_found_by_name(graph: Graph) -> None:
    group_id = graph.create_group("event-42")
    found = graph.call("GET", "/groups", filter="displayName eq 'event-42'").json()["value"]
    assert [group["id"] for group in found] == [group_id]
    assert graph.call("GET", f"/groups/{group_id}").json()["displayName"] == "event-42"


def test_adding_twice_is_refused_in_words(graph: Graph) -> None:
    group_id, user_id = graph.create_group("event"), graph.user_id("ann@contoso.example")
    assert graph.add(group_id, user_id).status_code == 204
    again = graph.add(group_id, user_id)
    assert (again.status_code, again.json()["error"]["code"]) == (400, "Request_BadRequest")
    assert "already exist" in again.json()["error"]["message"]


@pytest.mark.parametrize(("count", "status"), [(20, 204), (21, 400)])
def test_twenty_members_are_bound_at_once(graph: Graph, count: int, status: int) -> None:
    group_id = graph.create_group("event")
    assert graph.bind(group_id, graph.user_ids(count)).status_code == status
    assert len(graph.members(group_id)) == (count if status == 204 else 0)


@pytest.mark.parametrize(("spoiler", "status"), [("member", 400), ("unknown", 404)])
def test_binding_is_all_or_nothing(graph: Graph, spoiler: str, status: int) -> None:
    group_id, users = graph.create_group("event"), graph.user_ids(3)
    graph.add(group_id, users[0])
    spoiled = [*users[1:], users[0] if spoiler == "member" else "unknown"]
    assert graph.bind(group_id, spoiled).status_code == status
    assert graph.members(group_id) == {users[0]}


def test_removing_a_stranger_names_the_group(graph: Graph) -> None:
    group_id, user_id = graph.create_group("event"), graph.user_id("ann@contoso.example")
    answer = graph.call("DELETE", f"/groups/{group_id}/members/{user_id}/$ref")
    assert answer.status_code == 404
    assert f"'{group_id}'" in answer.json()["error"]["message"]


def test_removing_leaves_the_user_in_the_tenant(graph: Graph) -> None:
    group_id, user_id = graph.create_group("event"), graph.user_id("ann@contoso.example")
    graph.add(group_id, user_id)
    assert graph.call("DELETE", f"/groups/{group_id}/members/{user_id}/$ref").status_code == 204
    assert graph.members(group_id) == set()
    assert graph.call("GET", f"/users/{user_id}").status_code == 200


def test_without_ref_the_user_itself_is_deleted(graph: Graph) -> None:
    group_id = graph.create_group("event")
    user_id = graph.user_id("no.names@contoso.example")
    graph.add(group_id, user_id)
    assert graph.call("DELETE", f"/groups/{group_id}/members/{user_id}").status_code == 204
    assert graph.call("GET", f"/users/{user_id}").status_code == 404


def test_members_come_in_pages(graph: Graph) -> None:
    group_id, users = graph.create_group("event"), graph.user_ids(7)
    graph.bind(group_id, users)
    answer = graph.call("GET", f"/groups/{group_id}/members", top="3", select="id").json()
    pages = [answer]
    while link := pages[-1].get("@odata.nextLink"):
        pages.append(graph.call("GET", link).json())
    assert [len(page["value"]) for page in pages] == [3, 3, 1]
    assert {member["id"] for page in pages for member in page["value"]} == set(users)


def test_a_guest_is_invited_once(graph: Graph) -> None:
    body = {"invitedUserEmailAddress": "eve@fabrikam.example", "inviteRedirectUrl": "https://paddock.example/"}
    first, second = graph.call("POST", "/invitations", body), graph.call("POST", "/invitations", body)
    assert (first.status_code, first.json()["status"]) == (201, "PendingAcceptance")
    guest_id = first.json()["invitedUser"]["id"]
    assert second.json()["invitedUser"]["id"] == guest_id
    guest = graph.call("GET", f"/users/{guest_id}").json()
    assert (guest["userType"], guest["surname"]) == ("Guest", None)
    assert guest["userPrincipalName"].startswith("eve_fabrikam.example#EXT#@")
    assert graph.add(graph.create_group("event"), guest_id).status_code == 204


def test_a_member_is_not_invited(graph: Graph) -> None:
    body = {"invitedUserEmailAddress": "ann@contoso.example", "inviteRedirectUrl": "https://paddock.example/"}
    assert graph.call("POST", "/invitations", body).status_code == 400


def test_reads_lag_behind_writes(sandbox: Sandbox, graph: Graph) -> None:
    group_id, user_id = graph.create_group("event"), graph.user_id("ann@contoso.example")
    sandbox.knobs(consistency_lag_seconds=60)
    fresh = graph.create_group("fresh")
    refused = graph.add(fresh, user_id)
    assert (refused.status_code, graph.call("GET", f"/groups/{fresh}").status_code) == (400, 404)
    assert "objects being referenced do not exist" in refused.json()["error"]["message"]
    sandbox.knobs(consistency_lag_seconds=0)
    graph.add(group_id, user_id)
    sandbox.knobs(consistency_lag_seconds=60)
    assert graph.members(group_id) == set()
    sandbox.knobs(consistency_lag_seconds=0)
    assert graph.members(group_id) == {user_id}


def test_unknown_addresses_and_methods_are_refused(graph: Graph) -> None:
    assert graph.call("GET", "/nothing/here").status_code == 400
    assert graph.call("PUT", "/groups").status_code == 405
