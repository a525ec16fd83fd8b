"""Models in the admin: who sees which, and what is asked before some are deleted."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import SponsoringAccount
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Operation, RacerProfile, Registration, Step, TrainedModel
from tests.admin.stage import Tenant, enter, page, sign_in
from tests.support.factories import EventFactory
from tests.support.world import account_of

pytestmark = pytest.mark.django_db


def give_models(tenant: Tenant, registration: Registration, *names: str, **fields: Any) -> list[TrainedModel]:
    with organization_scope(tenant.organization.pk):
        racer = RacerProfile.objects.get(participant=registration.participant)
        told = {"status": "ready", "size_bytes": 2**20, "created_at": timezone.now(), "seen_at": timezone.now()}
        return [
            TrainedModel.objects.create(profile=racer, service_id=f"id-{name}", name=name, **told | fields)
            for name in names
        ]


def choose(client: Client, models: Sequence[TrainedModel]) -> str:
    """The first page of the confirmation, from the list."""
    chosen = {"action": "delete_models", "_selected_action": [model.pk for model in models]}
    return client.post(page(TrainedModel, "changelist"), chosen).content.decode()


def go_on(client: Client, address: str, html: str, stage: str, **answers: str) -> Any:
    token = re.search(r'name="token" value="([^"]+)"', html)
    assert token, html
    return client.post(address, {"token": token[1], "stage": stage, **answers})


BULK = "/admin/participants/trainedmodel/bulk/delete_models/"
OF_PEOPLE = "/admin/participants/registration/bulk/delete_all_models/"


class TestDeletingChosenModels:
    def test_the_count_is_named_and_typed(self, contoso: Tenant) -> None:
        ben = enter(contoso.event, "ben@contoso.example")
        models = give_models(contoso, contoso.registration, "a", "b") + give_models(contoso, ben, "c")
        client = sign_in("organizer", contoso.organization)
        preview = go_on(client, BULK, choose(client, models), "preview", reason="Too many").content.decode()
        assert "3 models of 2 racers will be deleted" in preview
        assert "Type <strong>3</strong> to confirm" in preview
        for typed in ("", "2", "yes"):
            again = go_on(client, BULK, preview, "confirm", typed=typed).content.decode()
            assert "Nothing was done" in again
        with organization_scope(contoso.organization.pk):
            assert not TrainedModel.objects.filter(is_unwanted=True).exists()

        answer = go_on(client, BULK, preview, "confirm", typed="3")
        with organization_scope(contoso.organization.pk):
            operation = Operation.objects.get()
            assert answer.url == reverse("admin:participants_operation_change", args=[operation.pk])
            assert (operation.title, operation.reason) == ("Delete 3 models of 2 racers", "Too many")
            assert TrainedModel.objects.filter(is_unwanted=True).count() == 3
            assert Step.objects.filter(kind="models").count() == 2
            entry = AuditEntry.objects.get(action="deleted 3 models of 2 racers")
            assert entry.reason == "Too many"

    def test_what_has_changed_meanwhile_is_shown_anew(self, contoso: Tenant) -> None:
        models = give_models(contoso, contoso.registration, "a", "b")
        client = sign_in("organizer", contoso.organization)
        preview = go_on(client, BULK, choose(client, models), "preview", reason="Too many").content.decode()
        with organization_scope(contoso.organization.pk):
            models[0].delete()
        again = go_on(client, BULK, preview, "confirm", typed="2").content.decode()
        assert "Something has changed since you looked" in again
        assert "1 model of 1 racer will be deleted" in again

    def test_a_deployment_deletes_all_or_nothing(self, contoso: Tenant) -> None:
        models = give_models(contoso, contoso.registration, "a", "b")
        with organization_scope(contoso.organization.pk):
            SponsoringAccount.objects.update(kind="deepracer_on_aws", site_url="https://racing.example.com")
        client = sign_in("organizer", contoso.organization)
        some = go_on(client, BULK, choose(client, models[:1]), "preview", reason="x").content.decode()
        assert "deletes all models of a racer or none: choose all 2 of this racer" in some
        assert "Nobody changes" in some
        everything = go_on(client, BULK, choose(client, models), "preview", reason="x").content.decode()
        assert "2 models of 1 racer will be deleted" in everything

    def test_models_of_nobody_are_left_to_the_account(self, contoso: Tenant) -> None:
        (model,) = give_models(contoso, contoso.registration, "a")
        with organization_scope(contoso.organization.pk):
            stranger = RacerProfile.objects.create(
                sponsoring_account=account_of(contoso.event), service_id="stranger", alias="stranger"
            )
            TrainedModel.objects.filter(pk=model.pk).update(profile=stranger)
        client = sign_in("organizer", contoso.organization)
        answer = go_on(client, BULK, choose(client, [model]), "preview", reason="x").content.decode()
        assert "Delete it in the account itself" in answer

    def test_from_the_page_of_a_racer_all_of_theirs_are_chosen(self, contoso: Tenant) -> None:
        models = give_models(contoso, contoso.registration, "a", "b")
        give_models(contoso, enter(contoso.event, "ben@contoso.example"), "c")
        client = sign_in("organizer", contoso.organization)
        form = client.get(f"{BULK}?racer={models[0].profile_id}").content.decode()
        assert "2 trained models" in form

    def test_previews_cost_the_same_for_any_number(self, contoso: Tenant) -> None:
        client, counts = sign_in("organizer", contoso.organization), []
        models = give_models(contoso, contoso.registration, "a")
        for size in (1, 3, 20):
            for number in range(size):
                person = enter(contoso.event, f"racer{size}-{number}@contoso.example")
                models += give_models(contoso, person, "m")
            form = choose(client, models)
            with CaptureQueriesContext(connection) as queries:
                go_on(client, BULK, form, "preview", reason="x")
            counts.append(len(queries))
        assert len(set(counts)) == 1


class TestDeletingAllOfPeople:
    def test_everybody_of_an_event(self, contoso: Tenant) -> None:
        ben, cleo = (enter(contoso.event, f"{name}@contoso.example") for name in ("ben", "cleo"))
        give_models(contoso, contoso.registration, "a", "b")
        give_models(contoso, ben, "c", status="working")
        client = sign_in("organizer", contoso.organization)
        form = client.get(f"{OF_PEOPLE}?event={contoso.event.pk}").content.decode()
        preview = go_on(client, OF_PEOPLE, form, "preview", reason="The end").content.decode()
        assert "3 models of 2 racers will be deleted" in preview
        assert "1 in work: deleted once idle" in preview
        assert f"({cleo.participant.email})" in preview
        assert "Had no models when they were read last" in preview
        go_on(client, OF_PEOPLE, preview, "confirm", typed="3")
        with organization_scope(contoso.organization.pk):
            steps = Step.objects.filter(kind="models").values_list("registration", flat=True)
            assert set(steps) == {contoso.registration.pk, ben.pk}

    def test_another_events_models_are_not_this_ones(self, contoso: Tenant) -> None:
        """They race in a later event on the same account, which the models belong to now."""
        give_models(contoso, contoso.registration, "a")
        with organization_scope(contoso.organization.pk):
            running = EventFactory(
                directory=contoso.event.directory,
                sponsoring_account=account_of(contoso.event),
                starts_at=timezone.now() - timedelta(days=1),
            )
        enter(running, contoso.registration.participant.email)
        client = sign_in("organizer", contoso.organization)
        form = client.get(f"{OF_PEOPLE}?id={contoso.registration.pk}").content.decode()
        preview = go_on(client, OF_PEOPLE, form, "preview", reason="x").content.decode()
        assert "their models are that one" in preview


class TestLooking:
    def test_who_is_for_chosen_events_sees_their_models(self, contoso: Tenant) -> None:
        give_models(contoso, contoso.registration, "hidden-model")
        with organization_scope(contoso.organization.pk):
            other = EventFactory(directory=contoso.event.directory, title="Other Cup")
        person = enter(other, "ben@contoso.example")
        give_models(contoso, person, "shown-model")
        client = sign_in("organizer", contoso.organization, events=[other])
        html = client.get(page(TrainedModel, "changelist")).content.decode()
        assert "shown-model" in html
        assert "hidden-model" not in html

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("status=ready", {"alpha"}),
            ("status=working", {"beta"}),
            ("q=alpha", {"alpha"}),
            ("q=contoso.example", {"alpha", "beta"}),
            ("event={event}", {"alpha", "beta"}),
            ("event=nonsense", set()),
            ("account={account}", {"alpha", "beta"}),
        ],
    )
    def test_filters_and_search(self, contoso: Tenant, query: str, shown: set[str]) -> None:
        give_models(contoso, contoso.registration, "alpha")
        give_models(contoso, contoso.registration, "beta", status="working")
        client = sign_in("viewer", contoso.organization)
        asked = query.format(event=contoso.event.pk, account=account_of(contoso.event).pk)
        html = client.get(f"{page(TrainedModel, 'changelist')}?{asked}").content.decode()
        assert set(re.findall(r">\s*(alpha|beta)\s*<", html)) == shown

    def test_a_racer_whom_the_service_does_not_know_is_not_asked_for(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            racer = RacerProfile.objects.get(participant=contoso.registration.participant)
        client = sign_in("viewer", contoso.organization)
        address = reverse("admin:participants_racerprofile_models", args=[racer.pk])
        assert address in client.get(page(racer)).content.decode()
        assert "does not know this racer yet" in client.get(address).content.decode()

    def test_foreign_models_are_not_there(self, contoso: Tenant, fabrikam: Tenant) -> None:
        client = sign_in("owner", contoso.organization)
        with organization_scope(fabrikam.organization.pk):
            model = fabrikam.model
        assert client.get(page(model)).status_code in (302, 404)
        answer = client.get(reverse("admin:participants_racerprofile_models", args=[model.profile_id]))
        assert answer.status_code == 404
