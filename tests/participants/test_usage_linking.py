"""Who a racer is: found out where there is no doubt, otherwise said by a person."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone

from events.domain.connections import open_racing
from integrations.racing.protocol import NewRacer
from paddock.accounts.models import User
from paddock.audit.models import AuditEntry
from participants.domain.usage.linking import LinkRefused, ignore_profile, link_profile, unlink_profile
from participants.domain.usage.suggestions import find_strangers, suggest_participants
from participants.models import Participant, RacerProfile, Registration
from tests.participants.usage_stage import Scene, build_scene
from tests.support.factories import UserFactory
from tests.support.racing import advance, begin_month, join, train
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
PERSON = RacerProfile.Link.PERSON


@pytest.fixture
def scene(sandbox: Sandbox) -> Scene:
    return build_scene(sandbox)


@dataclass(frozen=True)
class Case:
    """People with the aliases that they announced, racers by service id with theirs, and who is who in the end."""

    announced: dict[str, str]
    racers: dict[str, str]
    linked: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(
    "case",
    [
        Case({"ann": "red"}, {"1": "red"}, {"1": "ann"}),
        Case({"ann": "red", "bob": "blue"}, {"1": "red", "2": "blue"}, {"1": "ann", "2": "bob"}),
        Case({"ann": "red"}, {"1": "Red"}),
        Case({"ann": "red"}, {"1": "red-1"}),
        Case({"ann": ""}, {"1": "ann"}),
        Case({"ann": "red", "bob": "red"}, {"1": "red"}),
        Case({"ann": "red"}, {"1": "red", "2": "red"}),
        Case({"ann": "red", "bob": "red"}, {"1": "red", "2": "red"}),
        Case({"ann": "red", "bob": "blue"}, {"1": "red", "2": "red", "3": "blue"}, {"3": "bob"}),
        Case({}, {"1": "red"}),
    ],
)
def test_aliases_link_where_one_person_and_one_racer_go_by_them(scene: Scene, case: Case) -> None:
    for name, alias in case.announced.items():
        scene.sign_up(name, alias=alias)
    profiles = [{"alias": alias, "service_id": service_id} for service_id, alias in case.racers.items()]
    scene.sandbox.seed(multi_user=[{"account_id": scene.account.account_id, "profiles": profiles}])
    for _ in range(2):
        scene.sync()
        with scene.scope():
            racers = RacerProfile.objects.exclude(service_id="").select_related("participant")
            linked = {each.service_id: each.participant for each in racers if each.participant}
            awaited = list(RacerProfile.objects.filter(service_id="").values_list("participant__given_name", flat=True))
        assert {service_id: person.given_name.lower() for service_id, person in linked.items()} == case.linked
        assert sorted(name.lower() for name in awaited) == sorted(set(case.announced) - set(case.linked.values()))


class TestDeepRacerOnAws:
    @pytest.fixture
    def scene(self, sandbox: Sandbox) -> Scene:
        return build_scene(sandbox, kind="deepracer_on_aws")

    def enter(self, scene: Scene, person: Participant, service_id: str, alias: str) -> None:
        open_racing(scene.account).create_profiles([NewRacer(service_id, person.email, alias)])
        join(scene.sandbox, scene.account, **{alias: person.email})

    def test_addresses_link_and_aliases_do_not(self, scene: Scene) -> None:
        ann, bob = scene.sign_up("ann", alias="blue"), scene.sign_up("bob", alias="red")
        self.enter(scene, ann, "A" * 15, "red")
        self.enter(scene, bob, "B" * 15, "green")
        scene.sync()
        assert (scene.profile("red").participant, scene.profile("red").linked_by) == (ann, "email")
        assert scene.profile("green").participant == bob

    def test_what_paddock_made_is_known_by_its_id(self, scene: Scene) -> None:
        ann = scene.sign_up("ann", alias="blue")
        with scene.scope():
            RacerProfile.objects.filter(participant=ann).update(service_id="A" * 15, linked_by="made")
        open_racing(scene.account).create_profiles([NewRacer("A" * 15, "other@address.example", "red")])
        scene.sync()
        assert (scene.profile("red").participant, scene.profile("red").linked_by) == (ann, "made")

    def test_the_monthly_reset_takes_nothing_from_the_ledger(self, scene: Scene) -> None:
        ann = scene.sign_up("ann", alias="ann")
        self.enter(scene, ann, "A" * 15, "ann")
        for number, minutes in enumerate((60, 30), start=1):
            train(scene.sandbox, scene.account, "A" * 15, minutes=minutes)
            advance(scene.sandbox, 120)
            scene.sync()
            assert scene.ledger(event=scene.event) == (3600, 5400)[number - 1]
            begin_month(scene.sandbox)
        scene.sync()
        assert scene.profile("ann").used_seconds == 0
        assert scene.ledger() == 5400


class TestByHand:
    @pytest.fixture
    def actor(self) -> User:
        user: User = UserFactory()
        return user

    @pytest.fixture
    def trained(self, scene: Scene) -> RacerProfile:
        """A racer whose alias nobody announced, and who has used an hour."""
        join(scene.sandbox, scene.account, "stranger")
        train(scene.sandbox, scene.account, "stranger", minutes=60)
        advance(scene.sandbox, 90)
        scene.sync()
        return scene.profile("stranger")

    def link(self, scene: Scene, profile: RacerProfile, person: Participant, actor: User) -> None:
        with scene.scope():
            link_profile(profile=profile, participant=person, by=PERSON, actor=actor, reason="She told me")

    def test_what_was_used_counts_for_the_event_from_then_on(
        self, scene: Scene, trained: RacerProfile, actor: User
    ) -> None:
        ann = scene.sign_up("ann", alias="ann")
        assert scene.ledger(event=None) == 3600
        self.link(scene, trained, ann, actor)
        assert scene.ledger(event=scene.event) == scene.ledger() == 3600
        train(scene.sandbox, scene.account, "stranger", minutes=30)
        advance(scene.sandbox, 60)
        scene.sync()
        assert scene.ledger(event=scene.event) == scene.ledger() == 5400
        with scene.scope():
            assert RacerProfile.objects.filter(participant=ann).count() == 1
            entry = AuditEntry.objects.get(action="linked a racer to a participant")
            assert (entry.actor, entry.reason, entry.event_id) == (actor, "She told me", scene.event.pk)

    def test_what_was_used_before_they_registered_does_not_count(
        self, scene: Scene, trained: RacerProfile, actor: User
    ) -> None:
        ann = scene.sign_up("ann")
        with scene.scope():
            Registration.objects.update(created_at=timezone.now() + timedelta(days=1))
        self.link(scene, trained, ann, actor)
        assert scene.ledger(event=None) == scene.ledger() == 3600

    def test_unlinking_takes_it_back_and_lasts(self, scene: Scene, actor: User) -> None:
        ann = scene.sign_up("ann", alias="red")
        join(scene.sandbox, scene.account, "red")
        train(scene.sandbox, scene.account, "red", minutes=60)
        advance(scene.sandbox, 90)
        scene.sync()
        assert scene.ledger(event=scene.event) == 3600
        with scene.scope():
            unlink_profile(profile=scene.profile("red"), actor=actor, reason="Another red")
        assert scene.ledger(event=None) == scene.ledger() == 3600
        scene.sync()
        assert scene.profile("red").participant is None
        with scene.scope():
            assert RacerProfile.objects.get(participant=ann).service_id == ""
            assert AuditEntry.objects.filter(action="unlinked a racer from a participant", actor=actor).exists()
        self.link(scene, scene.profile("red"), ann, actor)
        assert scene.ledger(event=scene.event) == scene.ledger() == 3600

    def test_nobody_is_two_racers_and_no_racer_two_people(
        self, scene: Scene, trained: RacerProfile, actor: User
    ) -> None:
        ann, bob = scene.sign_up("ann", alias="red"), scene.sign_up("bob")
        join(scene.sandbox, scene.account, "red")
        scene.sync()
        with scene.scope():
            announced = RacerProfile.objects.get(participant=bob)
        for profile, person in ((trained, ann), (scene.profile("red"), bob), (announced, ann)):
            with pytest.raises(LinkRefused):
                self.link(scene, profile, person, actor)
        with scene.scope(), pytest.raises(LinkRefused):
            ignore_profile(profile=scene.profile("red"), actor=actor, reason="")

    def test_who_is_nobody_of_ours_is_asked_about_no_more(
        self, scene: Scene, trained: RacerProfile, actor: User
    ) -> None:
        with scene.scope():
            assert list(find_strangers()) == [trained]
            ignore_profile(profile=trained, actor=actor, reason="A colleague of mine")
            assert list(find_strangers()) == []
            assert AuditEntry.objects.get(action="marked a racer as nobody's").reason == "A colleague of mine"
        ann = scene.sign_up("ann", alias="stranger")
        scene.sync()
        assert scene.profile("stranger").participant is None
        self.link(scene, trained, ann, actor)
        assert scene.profile("stranger").participant == ann

    @pytest.mark.parametrize(
        ("alias", "suggested"),
        [
            ("ann-red", ["Ann"]),
            ("ANN-RED-1", ["Ann"]),
            ("annracer", ["Ann"]),
            ("bob", ["Bob"]),
            ("zzz", []),
        ],
    )
    def test_suggestions_go_by_likeness(self, scene: Scene, alias: str, suggested: list[str]) -> None:
        scene.sign_up("ann", alias="ann-red")
        scene.sign_up("bob", alias="speedy")
        with scene.scope():
            profile = RacerProfile.objects.create(sponsoring_account=scene.account, alias=alias, service_id="1")
            names = [each.participant.given_name for each in suggest_participants(profiles=[profile])[profile.pk]]
        assert names == suggested
