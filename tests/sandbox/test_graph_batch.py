"""$batch and Graph's throttles."""

from typing import Any

import pytest

from tests.sandbox.world import Graph
from tests.support.sandbox import Sandbox

JSON = {"Content-Type": "application/json"}


def adding(graph: Graph, group_id: str, user_ids: list[str]) -> list[dict[str, Any]]:
    address = f"/groups/{group_id}/members/$ref"
    return [
        {"id": uid, "method": "POST", "url": address, "headers": JSON, "body": {"@odata.id": graph.reference(uid)}}
        for uid in user_ids
    ]


def binding(graph: Graph, group_id: str, user_ids: list[str], item_id: str) -> dict[str, Any]:
    body = {"members@odata.bind": [graph.reference(user_id) for user_id in user_ids]}
    return {"id": item_id, "method": "PATCH", "url": f"/groups/{group_id}", "headers": JSON, "body": body}


def test_every_item_is_answered_for_itself(sandbox: Sandbox, graph: Graph) -> None:
    group_id, users = graph.create_group("event"), graph.user_ids(19)
    graph.add(group_id, users[0])
    answer = graph.call("POST", "/$batch", {"requests": adding(graph, group_id, [*users, "unknown"])})
    statuses = {item["id"]: item["status"] for item in answer.json()["responses"]}
    assert answer.status_code == 200
    assert statuses == {users[0]: 400, "unknown": 404} | dict.fromkeys(users[1:], 204)
    calls = sandbox.calls()
    assert calls["graph"]["POST /$batch"] == 1
    assert calls["graph_items"] == {"POST /groups/{id}/members/$ref": 20}


def test_answers_come_in_any_order(graph: Graph) -> None:
    items = [{"id": str(n), "method": "GET", "url": "/groups"} for n in range(20)]
    answers = [graph.call("POST", "/$batch", {"requests": items}).json()["responses"] for _ in range(5)]
    orders = {tuple(item["id"] for item in responses) for responses in answers}
    assert len(orders) > 1


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"id": str(n), "method": "GET", "url": "/groups"} for n in range(21)],
        [{"id": name, "method": "GET", "url": "/groups"} for name in ("a", "A")],
        [{"id": "a", "method": "POST", "url": "/groups", "body": {}}],
        [{"method": "GET", "url": "/groups"}],
    ],
    ids=["empty", "twenty-one", "the same id", "no content type", "no id"],
)
def test_a_malformed_batch_is_refused_whole(graph: Graph, items: list[dict[str, Any]]) -> None:
    assert graph.call("POST", "/$batch", {"requests": items}).status_code == 400


def test_what_depends_on_a_failure_fails(graph: Graph) -> None:
    items = [
        {"id": "first", "method": "GET", "url": "/users/unknown"},
        {"id": "second", "method": "GET", "url": "/groups", "dependsOn": ["first"]},
    ]
    responses = graph.call("POST", "/$batch", {"requests": items}).json()["responses"]
    assert {item["id"]: item["status"] for item in responses} == {"first": 404, "second": 424}


def test_more_than_five_member_patches_overload_the_directory(graph: Graph) -> None:
    group_id, users = graph.create_group("event"), graph.user_ids(6)
    items = [binding(graph, group_id, [user_id], user_id) for user_id in users]
    responses = graph.call("POST", "/$batch", {"requests": items}).json()["responses"]
    assert sorted(item["status"] for item in responses) == [204] * 5 + [503]


def test_an_item_may_be_throttled_inside_a_good_answer(sandbox: Sandbox, graph: Graph) -> None:
    """The knob may also fail the whole call, so ask until one came through."""
    items = [{"id": str(n), "method": "GET", "url": "/groups"} for n in range(20)]
    sandbox.knobs(failure_rate=0.4)
    for _ in range(50):
        try:
            answer = graph.call("POST", "/$batch", {"requests": items})
        except OSError:
            continue
        if answer.status_code == 200:
            break
    throttled = [item for item in answer.json()["responses"] if item["status"] == 429]
    assert throttled
    assert all(item["headers"]["Retry-After"] == "1" for item in throttled)


def test_three_thousand_writes_fill_the_window(sandbox: Sandbox, graph: Graph) -> None:
    group_id = graph.create_group("event")
    removals = [
        {"id": str(n), "method": "DELETE", "url": f"/groups/{group_id}/members/unknown/$ref"} for n in range(20)
    ]
    for _ in range(149):
        graph.call("POST", "/$batch", {"requests": removals})
    last = graph.call("POST", "/$batch", {"requests": removals}).json()["responses"]
    assert sorted(item["status"] for item in last) == [404] * 19 + [429]
    refused = graph.bind(group_id, graph.user_ids(20))
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 150
    assert refused.headers["x-ms-throttle-information"] == "WriteLimitExceeded"
    sandbox.knobs(throttles=False)
    assert graph.bind(group_id, graph.user_ids(20)).status_code == 204
