"""People, groups and members in Entra ID, over the wire."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.directories.entra import members
from integrations.directories.entra.client import GraphClient, GraphRequest
from integrations.directories.entra.directory import EntraDirectory
from integrations.directories.entra.users import quote_literal
from integrations.directories.protocol import Person
from integrations.errors import IntegrationError
from tests.integrations import world
from tests.support.sandbox import Sandbox


@pytest.fixture
def directory(sandbox: Sandbox) -> EntraDirectory:
    return EntraDirectory(world.ENTRA)


def ids(directory: EntraDirectory, people: list[Person]) -> list[str]:
    found = directory.find_people(people)
    assert all(isinstance(user_id, str) for user_id in found.values()), found
    return [str(found[person.email]) for person in people]


class TestFinding:
    def test_asks_for_three_hundred_people_in_one_call(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        people = world.people(300)
        ids(directory, people)
        assert sandbox.calls()["graph"] == {"POST /$batch": 1}
        assert sandbox.calls()["graph_items"] == {"GET /users": 20}

    def test_asks_again_by_sign_in_name_only_for_those_not_found(
        self, directory: EntraDirectory, sandbox: Sandbox
    ) -> None:
        found = directory.find_people([*world.people(20), world.person("nobody@contoso.example")])
        assert found["nobody@contoso.example"] is None
        assert sandbox.calls()["graph_items"] == {"GET /users": 2 + 1}

    def test_ignores_case_and_answers_with_the_address_as_given(self, directory: EntraDirectory) -> None:
        people = [world.person("Racer1@Contoso.Example"), world.person("racer1@contoso.example")]
        first, second = directory.find_people(people).values()
        assert isinstance(first, str)
        assert first == second

    @pytest.mark.parametrize(
        "email",
        ["o'neil@contoso.example", "a'b''c@contoso.example", "x&$select=id@contoso.example", "50%@contoso.example"],
    )
    def test_takes_addresses_with_marks_of_the_filter_language(self, directory: EntraDirectory, email: str) -> None:
        assert isinstance(directory.find_people([world.person(email)])[email], str)

    @pytest.mark.parametrize(
        "email",
        [
            "') or mail in ('racer1@contoso.example",
            "nobody') or (mail eq 'racer1@contoso.example",
            "nobody','racer1@contoso.example",
            "nobody%27) or mail in (%27racer1@contoso.example",
        ],
    )
    def test_an_address_cannot_become_part_of_the_filter(self, directory: EntraDirectory, email: str) -> None:
        racer, *_ = ids(directory, [world.person("racer1@contoso.example")])
        assert directory.find_people([world.person(email)])[email] != racer

    @given(st.text(max_size=60))
    def test_a_quoted_literal_ends_only_where_it_should(self, text: str) -> None:
        literal = quote_literal(text)
        inside = literal[1:-1]
        assert literal[0] == literal[-1] == "'"
        assert "'" not in inside.replace("''", "")
        assert inside.replace("''", "'") == text

    @given(st.lists(st.text(alphabet="ab'\"()%&,; ü@#$", max_size=20), max_size=5, unique=True))
    @hypothesis_settings(max_examples=25)
    def test_strange_addresses_cost_nobody_else_the_answer(self, directory: EntraDirectory, odd: list[str]) -> None:
        sound = world.person("racer1@contoso.example")
        found = directory.find_people([*map(world.person, odd), sound])
        assert isinstance(found[sound.email], str)
        assert found.keys() == {*odd, sound.email}


class TestAdmitting:
    def test_invites_strangers_as_guests_with_their_names_and_no_mail(
        self, directory: EntraDirectory, sandbox: Sandbox
    ) -> None:
        guests = world.people(25, domain="fabrikam.example")
        admitted = directory.admit_people(
            [*guests, world.person("racer1@contoso.example")], landing_url=world.LANDING_URL
        )
        assert all(isinstance(user_id, str) for user_id in admitted.values())
        items = sandbox.calls()["graph_items"]
        assert (items["POST /invitations"], items["PATCH /users/{id}"]) == (25, 25)
        assert sandbox.mailbox() == []
        assert ids(directory, guests) == [admitted[guest.email] for guest in guests]

    def test_inviting_again_changes_nothing(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        guests = world.people(3, domain="fabrikam.example")
        first = directory.admit_people(guests, landing_url=world.LANDING_URL)
        assert directory.admit_people(guests, landing_url=world.LANDING_URL) == first
        assert sandbox.calls()["graph_items"]["POST /invitations"] == 3

    def test_completes_the_names_of_a_guest_who_has_none(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        """As after a run that died between the invitation and the names."""
        client = GraphClient(world.ENTRA)
        body = {"invitedUserEmailAddress": "eve@fabrikam.example", "inviteRedirectUrl": world.LANDING_URL}
        assert client.call(GraphRequest("POST", "/invitations", body)).accepted
        admitted = directory.admit_people(
            [world.person("eve@fabrikam.example", "E<v>e", "O;Hara")], landing_url=world.LANDING_URL
        )
        record = client.read(f"/users/{admitted['eve@fabrikam.example']}")
        assert (record["givenName"], record["surname"]) == ("E v e", "O Hara")


class TestMembers:
    def test_adds_twenty_a_patch_and_five_patches_a_call(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        group_id = directory.ensure_group(name="paddock-one", description="")
        user_ids = ids(directory, world.people(230))
        before = sandbox.calls()["graph"]["POST /$batch"]
        assert directory.add_members(group_id, user_ids) == dict.fromkeys(user_ids)
        assert sandbox.calls()["graph"]["POST /$batch"] - before == 3
        assert sandbox.calls()["graph_items"]["PATCH /groups/{id}"] == 12
        assert "POST /groups/{id}/members/$ref" not in sandbox.calls()["graph_items"]

    def test_a_refused_chunk_is_added_one_by_one(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        group_id = directory.ensure_group(name="paddock-one", description="")
        user_ids = ids(directory, world.people(45))
        directory.add_members(group_id, user_ids[:1])
        stranger = "00000000-0000-4000-8000-000000000404"
        outcomes = directory.add_members(group_id, [*user_ids, stranger])
        assert {user_id for user_id, outcome in outcomes.items() if outcome is None} == set(user_ids)
        refusal = outcomes[stranger]
        assert isinstance(refusal, IntegrationError)
        assert refusal.permanent
        assert "no longer in the directory" in refusal.message
        # The first chunk holds a member already, the third one the stranger; the second went through as it was.
        assert sandbox.calls()["graph_items"]["POST /groups/{id}/members/$ref"] == 20 + 6

    def test_a_fresh_group_is_tried_again_in_seconds(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        user_ids = ids(directory, world.people(2))
        sandbox.knobs(consistency_lag_seconds=60)
        group_id = directory.ensure_group(name="paddock-fresh", description="")
        for outcome in directory.add_members(group_id, user_ids).values():
            assert isinstance(outcome, IntegrationError)
            assert not outcome.permanent
            assert outcome.retry_after == 5

    def test_removes_by_reference_only_and_gone_is_gone(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        group_id = directory.ensure_group(name="paddock-one", description="")
        people = world.people(25)
        user_ids = ids(directory, people)
        directory.add_members(group_id, user_ids[:20])
        assert directory.remove_members(group_id, user_ids) == dict.fromkeys(user_ids)
        items = sandbox.calls()["graph_items"]
        assert items["DELETE /groups/{id}/members/{id}/$ref"] == 25
        assert not any("DELETE" in name and "$ref" not in name for name in items)
        assert ids(directory, people) == user_ids

    def test_a_removal_that_still_replicates_is_success(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        group_id = directory.ensure_group(name="paddock-one", description="")
        user_ids = ids(directory, world.people(1))
        directory.add_members(group_id, user_ids)
        directory.remove_members(group_id, user_ids)
        assert directory.remove_members(group_id, user_ids) == dict.fromkeys(user_ids)

    def test_members_are_read_back_in_pages(
        self, directory: EntraDirectory, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(members, "MEMBERS_PER_PAGE", 30)
        group_id = directory.ensure_group(name="paddock-one", description="")
        user_ids = ids(directory, world.people(65))
        directory.add_members(group_id, user_ids)
        pages = list(directory.list_members(group_id))
        assert [len(page) for page in pages] == [30, 30, 5]
        assert set().union(*pages) == set(user_ids)
        assert sandbox.calls()["graph"]["GET /groups/{id}/members"] == 3

    def test_a_group_of_another_directory_has_no_members_to_read(self, directory: EntraDirectory) -> None:
        with pytest.raises(IntegrationError) as raised:
            list(directory.list_members("00000000-0000-4000-8000-000000000404"))
        assert raised.value.code == "GroupNotFound"

    def test_removal_from_a_group_of_another_directory_is_no_success(self, directory: EntraDirectory) -> None:
        group_id = "00000000-0000-4000-8000-000000000404"
        outcome = directory.remove_members(group_id, ["someone"])["someone"]
        assert isinstance(outcome, IntegrationError)
        assert (outcome.permanent, outcome.code) == (True, "GroupNotFound")

    def test_a_member_without_an_id_is_never_removed(self, directory: EntraDirectory) -> None:
        group_id = directory.ensure_group(name="paddock-one", description="")
        with pytest.raises(ValueError, match="without an id"):
            directory.remove_members(group_id, [""])


class TestGroups:
    def test_creates_and_assigns_once(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        first = directory.ensure_group(name="Ann's race — 2026", description="Racers")
        assert directory.ensure_group(name="Ann's race — 2026", description="Racers") == first
        calls = sandbox.calls()["graph"]
        assert calls["POST /groups"] == 1
        assert calls["POST /servicePrincipals/{id}/appRoleAssignedTo"] == 1

    def test_is_not_created_twice_while_the_directory_does_not_show_it(
        self, directory: EntraDirectory, sandbox: Sandbox
    ) -> None:
        sandbox.knobs(consistency_lag_seconds=60)
        first = directory.ensure_group(name="paddock-fresh", description="")
        assert directory.ensure_group(name="paddock-fresh", description="") == first

    def test_two_groups_of_one_name_are_the_organizers_to_tell_apart(
        self, directory: EntraDirectory, sandbox: Sandbox
    ) -> None:
        body = {"displayName": "Racers", "mailEnabled": False, "mailNickname": "racers", "securityEnabled": True}
        for _ in range(2):
            assert GraphClient(world.ENTRA).call(GraphRequest("POST", "/groups", body)).accepted
        with pytest.raises(IntegrationError, match="2 groups named “Racers”"):
            directory.ensure_group(name="Racers", description="")


class TestFailures:
    def test_an_inner_refusal_concerns_its_own_people_only(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        group_id = directory.ensure_group(name="paddock-one", description="")
        people = world.people(200)
        user_ids = ids(directory, people)
        sandbox.knobs(failure_rate=0.3)
        rest = user_ids
        for _ in range(40):
            outcomes = directory.add_members(group_id, rest)
            assert outcomes.keys() == set(rest)
            assert not any(outcome.permanent for outcome in outcomes.values() if outcome)
            rest = [user_id for user_id, outcome in outcomes.items() if outcome]
            if not rest:
                break
        sandbox.knobs(failure_rate=0)
        assert rest == []
        (group,) = sandbox.state()["entra"][0]["groups"]
        assert set(group["members"]) == {person.email for person in people}

    def test_what_keeps_everyone_from_an_answer_is_everyones_outcome(
        self, directory: EntraDirectory, sandbox: Sandbox, settings: pytest.FixtureRequest
    ) -> None:
        settings.GRAPH_ENDPOINT = "http://127.0.0.1:9"
        outcomes = directory.find_people(world.people(400))
        assert {type(outcome) for outcome in outcomes.values()} == {IntegrationError}
        assert {outcome.code for outcome in outcomes.values()} == {"NoAnswer"}  # type: ignore[union-attr]
