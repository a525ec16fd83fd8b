"""From a registration to a sign-in at a deployment of DeepRacer on AWS, over the wire."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from events.domain.connections import open_racing
from events.models import Event, QuotaPolicy, SponsoringAccount
from integrations.racing.protocol import NewRacer
from paddock.tenancy.scope import organization_scope
from participants.domain.quotas.adjusting import set_to
from participants.domain.quotas.changing import change_quota
from participants.domain.racers.renewing import send_new_passwords
from participants.domain.steps import retry_now
from participants.domain.usage.syncing import sync_account
from participants.models import Message, RacerProfile, Registration, Step
from tests.support.convergence import converge_until, hurry, run_due_work, settle
from tests.support.factories import MailTemplateFactory
from tests.support.racing import build_racing_account, look
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, domain_of, sign_up

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = re.compile(r"\b\w{4}_\w{4}_\w{4}\b")
OWN_PASSWORD = "Chosen-by-me-1"


@dataclass
class Scene:
    sandbox: Sandbox
    account: SponsoringAccount
    event: Event
    browser: requests.Session = field(default_factory=requests.Session)

    def at_service(self, email: str) -> dict[str, Any]:
        profiles = look(self.sandbox, self.account)["profiles"]
        return next(profile for profile in profiles if profile["email"].lower() == email.lower())

    def mails(self, registration: Registration) -> list[dict[str, Any]]:
        """Newest first."""
        return self.sandbox.mailbox(to=registration.participant.email)

    def sign_in(self, email: str, password: str) -> str:
        """The page that follows."""
        form = {"email": email, "password": password}
        return self.browser.post(f"{self.account.site_url}sign-in", data=form, timeout=60).text

    def choose_password(self, email: str, page: str) -> str:
        session = re.search(r'name="session" value="([^"]+)"', page)
        assert session, page
        form = {"email": email, "session": session[1], "password": OWN_PASSWORD}
        return self.browser.post(f"{self.account.site_url}password", data=form, timeout=60).text

    def step(self, registration: Registration, kind: str) -> Step:
        with organization_scope(self.event.organization_id):
            return Step.objects.get(registration=registration, kind=kind)

    def racer(self, registration: Registration) -> RacerProfile:
        with organization_scope(self.event.organization_id):
            return RacerProfile.objects.get(participant=registration.participant_id)


def build_scene(sandbox: Sandbox, *, minutes: int | None = 90, **fields: Any) -> Scene:
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization, kind="deepracer_on_aws", **fields)
    event = build_event(organization, sponsoring_account=account, title="Cloud Cup")
    with organization_scope(organization.pk):
        QuotaPolicy.objects.create(event=event, minutes=minutes, model_count=4)
    return Scene(sandbox, account, event)


def find_password(mail: dict[str, Any]) -> str:
    (password,) = set(PASSWORD.findall(mail["text"]))
    assert password in mail["html"]
    return password


def without_role(scene: Scene) -> None:
    with organization_scope(scene.event.organization_id):
        SponsoringAccount.objects.filter(pk=scene.account.pk).update(role_arn="")


class TestFromRegisterToSignIn:
    def test_the_mailed_password_opens_the_site(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        registration = sign_up(scene.event, "ann", racer_alias="Lightning")
        settle()
        email = registration.participant.email
        (mail,) = scene.mails(registration)
        assert scene.account.site_url in mail["text"]
        assert f"You sign in with {email} and this one-time password" in mail["text"]
        page = scene.sign_in(email, find_password(mail))
        assert "Choose your own password" in page
        assert "Welcome, Lightning" in scene.choose_password(email, page)
        trained = scene.browser.post(f"{scene.account.site_url}train", timeout=60).text
        assert "training-1" in trained

    def test_limits_stand_before_anybody_can_sign_in(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        registration = sign_up(scene.event, "ann", racer_alias="ann")
        settle()
        profile = scene.at_service(registration.participant.email)
        assert (profile["max_minutes"], profile["max_models"]) == (90, 4)
        for kind in ("profile", "sponsorship", "access"):
            assert scene.step(registration, kind).detail == "Read back: quota 90 minutes, 4 models, active.", kind
        racer = scene.racer(registration)
        assert (racer.service_id, racer.linked_by) == (profile["service_id"], RacerProfile.Link.MADE)

    def test_without_limits_there_is_no_password(self, sandbox: Sandbox) -> None:
        """An administrator's password that is wrong keeps limits from being set."""
        scene = build_scene(sandbox)
        with organization_scope(scene.event.organization_id):
            SponsoringAccount.objects.filter(pk=scene.account.pk).update(admin_password="wrong-Password-1")
        registration = sign_up(scene.event, "ann")
        converge_until(lambda: scene.step(registration, "profile").state == "failed")
        run_due_work()
        assert scene.mails(registration) == []
        assert "AdminSetUserPassword" not in sandbox.calls()["cognito-idp"]

        with organization_scope(scene.event.organization_id):
            SponsoringAccount.objects.filter(pk=scene.account.pk).update(admin_password=scene.account.admin_password)
            retry_now(steps=Step.objects.filter(registration=registration))
        settle()
        assert find_password(scene.mails(registration)[0])

    def test_no_directory_is_asked_for_access(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        registration = sign_up(scene.event, "ann")
        settle()
        assert not {"IsMemberInGroups", "ListGroupMemberships"} & sandbox.calls().get("identitystore", {}).keys()
        assert "CreateAccountAssignment" not in sandbox.calls().get("sso-admin", {})
        with organization_scope(scene.event.organization_id):
            kinds = list(registration.steps.order_by("id").values_list("kind", flat=True))
        assert kinds == ["identity", "membership", "profile", "sponsorship", "access", "welcome"]

    def test_what_is_stored_of_the_mail_has_no_password(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        registration = sign_up(scene.event, "ann")
        settle()
        password = find_password(scene.mails(registration)[0])
        with organization_scope(scene.event.organization_id):
            message = Message.objects.get()
        assert password not in message.text + message.html + message.subject
        assert "(sent to the racer alone)" in message.text
        assert "(sent to the racer alone)" in message.html

    def test_words_of_the_organizers_own(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        with organization_scope(scene.event.organization_id):
            MailTemplateFactory(event=scene.event, subject="Go", body="Race: {{access_url}}")
        registration = sign_up(scene.event, "ann")
        settle()
        (mail,) = scene.mails(registration)
        assert mail["text"].startswith(f"Race: {scene.account.site_url}")
        assert "Choose your own password" in scene.sign_in(registration.participant.email, find_password(mail))


class TestNames:
    @pytest.mark.parametrize(
        ("typed", "made"),
        [
            (["Lightning", "lightning", "Lightning"], ["Lightning", "lightning-2", "Lightning-3"]),
            (["", ""], ["Racer0-Racer", "Racer1-Racer"]),
            (["a", "x" * 30], ["racer-a", "x" * 20]),
            (["x" * 30, "x" * 40], ["x" * 20, "x" * 18 + "-2"]),
        ],
    )
    def test_aliases_are_whose_they_are_alone(self, sandbox: Sandbox, typed: list[str], made: list[str]) -> None:
        scene = build_scene(sandbox)
        people = [sign_up(scene.event, f"racer{n}", racer_alias=alias) for n, alias in enumerate(typed)]
        settle()
        assert [scene.at_service(each.participant.email)["alias"] for each in people] == made

    def test_who_comes_later_gets_a_number_too(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        sign_up(scene.event, "ann", racer_alias="Lightning")
        settle()
        later = sign_up(scene.event, "ben", racer_alias="LIGHTNING")
        settle()
        assert scene.at_service(later.participant.email)["alias"] == "LIGHTNING-2"


class TestKnownAddresses:
    def test_a_racer_under_the_same_address_is_adopted(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        email = f"ann@{domain_of(scene.event.organization)}"
        invite(scene, email)
        registration = sign_up(scene.event, "ann")
        settle()
        racer = scene.racer(registration)
        profile = scene.at_service(email)
        assert (racer.service_id, racer.linked_by) == (profile["service_id"], RacerProfile.Link.EMAIL)
        assert profile["max_minutes"] == 90
        assert "Choose your own password" in scene.sign_in(email, find_password(newest_of_ours(scene, registration)))

    def test_so_is_one_whom_a_sync_has_seen_as_a_stranger(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        email = f"ann@{domain_of(scene.event.organization)}"
        invite(scene, email)
        with organization_scope(scene.event.organization_id):
            assert sync_account(account_id=scene.account.pk)
            assert RacerProfile.objects.filter(email=email, participant=None).exists()
        registration = sign_up(scene.event, "ann")
        settle()
        with organization_scope(scene.event.organization_id):
            row = RacerProfile.objects.get(email=email)
        assert row.participant_id == registration.participant_id

    def test_what_a_person_decided_is_left_to_persons(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        email = f"ann@{domain_of(scene.event.organization)}"
        invite(scene, email)
        with organization_scope(scene.event.organization_id):
            assert sync_account(account_id=scene.account.pk)
            RacerProfile.objects.filter(email=email).update(is_ignored=True)
        registration = sign_up(scene.event, "ann")
        converge_until(lambda: scene.step(registration, "profile").state == "failed")
        assert "a person has to link" in scene.step(registration, "profile").detail


class TestInvitations:
    def test_the_service_mails_the_password(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        without_role(scene)
        registration = sign_up(scene.event, "ann")
        settle()
        ours, theirs = scene.mails(registration)
        assert "comes in another mail" in ours["text"]
        assert not PASSWORD.search(ours["text"])
        temporary = re.search(r"temporary password (\S+)", theirs["text"])
        assert temporary
        assert "Choose your own password" in scene.sign_in(registration.participant.email, temporary[1])
        assert scene.at_service(registration.participant.email)["max_minutes"] == 90
        assert scene.racer(registration).linked_by == RacerProfile.Link.MADE


class TestMailsThatGoAgain:
    def test_a_lost_answer_brings_a_new_password_that_works(self, sandbox: Sandbox) -> None:
        """The worker died after the mail had left: nobody knows whether it did."""
        scene = build_scene(sandbox)
        registration = sign_up(scene.event, "ann")
        settle()
        with organization_scope(scene.event.organization_id):
            Message.objects.update(state="sending")
            Step.objects.filter(kind="welcome").update(state="ready")
        settle()
        later, earlier = scene.mails(registration)
        assert find_password(later) != find_password(earlier)
        assert "the earlier one is void" in later["text"]
        email = registration.participant.email
        assert "Choose your own password" not in scene.sign_in(email, find_password(earlier))
        assert "Choose your own password" in scene.sign_in(email, find_password(later))

    def test_a_new_password_is_sent_when_an_organizer_asks(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        registrations = [sign_up(scene.event, name) for name in ("ann", "ben")]
        settle()
        with organization_scope(scene.event.organization_id):
            operation = send_new_passwords(
                event=scene.event, registrations=[registrations[0].pk], actor=None, reason="Lost the mail"
            )
        assert operation.total == 1
        settle()
        later, earlier = scene.mails(registrations[0])
        assert find_password(later) != find_password(earlier)
        assert len(scene.mails(registrations[1])) == 1

    def test_a_chosen_password_stays_and_the_mail_says_so(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        registration = sign_up(scene.event, "ann")
        settle()
        email = registration.participant.email
        scene.choose_password(email, scene.sign_in(email, find_password(scene.mails(registration)[0])))
        with organization_scope(scene.event.organization_id):
            send_new_passwords(event=scene.event, registrations=[registration.pk], actor=None, reason="")
        settle()
        later = scene.mails(registration)[0]
        assert "the password that you have chosen there" in later["text"]
        assert not PASSWORD.search(later["text"])
        assert "Welcome" in scene.sign_in(email, OWN_PASSWORD)

    def test_a_second_event_on_the_account_adds_its_quota(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox)
        first = sign_up(scene.event, "ann")
        settle()
        second = build_event(scene.event.organization, sponsoring_account=scene.account)
        with organization_scope(scene.event.organization_id):
            registration = sign_up(second, "ann")
            change_quota(registrations=[registration.pk], minutes=set_to(30), models=set_to(1), reason="", actor=None)
        settle()
        assert scene.at_service(first.participant.email)["max_minutes"] == 120
        assert len(look(sandbox, scene.account)["profiles"]) == 2  # and the administrator's


def test_faults_end_with_one_racer_each_and_mails_that_work(sandbox: Sandbox) -> None:
    scene = build_scene(sandbox)
    sandbox.knobs(failure_rate=0.1)
    registrations = [sign_up(scene.event, f"racer{number}") for number in range(12)]

    def all_sent() -> bool:
        hurry()
        with organization_scope(scene.event.organization_id):
            return not Step.objects.exclude(state="done").exists()

    converge_until(all_sent)
    sandbox.knobs(failure_rate=0)
    assert len(look(sandbox, scene.account)["profiles"]) == 13
    for registration in registrations:
        newest = scene.mails(registration)[0]
        assert "Choose your own password" in scene.sign_in(registration.participant.email, find_password(newest))
        assert scene.at_service(registration.participant.email)["max_minutes"] == 90


def invite(scene: Scene, email: str) -> None:
    """As the deployment's administrator would."""
    account = SponsoringAccount(
        kind=scene.account.kind,
        site_url=scene.account.site_url,
        admin_email=scene.account.admin_email,
        admin_password=scene.account.admin_password,
    )
    assert open_racing(account).create_profiles([NewRacer("", email, "")]) == {email: None}


def newest_of_ours(scene: Scene, registration: Registration) -> dict[str, Any]:
    return next(mail for mail in scene.mails(registration) if mail["subject"].startswith("You're in"))
