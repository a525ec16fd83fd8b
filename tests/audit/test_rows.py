"""Every way of writing leaves a row change, with whoever did it, in whose organization, and why."""

from collections.abc import Callable

import pytest
from celery import shared_task
from django.apps import apps
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from events.models import DirectoryConnection, Event, Material, Question
from paddock.accounts.models import User
from paddock.audit.actors import because
from paddock.audit.middleware import ActorMiddleware
from paddock.audit.models import RowChange
from paddock.audit.triggers import TRIGGER
from paddock.bulk import delete_rows, upsert_rows, write_values
from paddock.fields import EncryptedTextField
from paddock.tenancy.commands import NamedCommand
from paddock.tenancy.models import Organization, TenantModel
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.audited import AUDITED, NOT_AUDITED
from participants.models import RacerProfile, Registration
from tests.admin.stage import CREDENTIAL, Tenant, build_tenant
from tests.support.factories import MaterialFactory, UserFactory

pytestmark = pytest.mark.django_db
Deed = Callable[[], object]


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def fabrikam() -> Tenant:
    """The outsider, with a material of its own."""
    tenant = build_tenant("Fabrikam")
    with organization_scope(tenant.organization.pk):
        MaterialFactory(event=tenant.event, title="Secret of Fabrikam")
    return tenant


def find_changes(tenant: Tenant, **lookup: object) -> list[RowChange]:
    with organization_scope(tenant.organization.pk):
        return list(RowChange.objects.filter(**lookup).order_by("id"))


def in_request(user: User, deed: Deed) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.user = user
        deed()
        return HttpResponse()

    ActorMiddleware(view)(RequestFactory().post("/", headers={"X-Request-ID": "request-4711"}))


@shared_task(name="tests.tidy_up")
def tidy_up(deed: Deed) -> None:
    deed()


def in_task(user: User, deed: Deed) -> None:
    tidy_up.apply(args=[deed], task_id="request-4711").get()


def in_command(user: User, deed: Deed) -> None:
    class Command(NamedCommand):
        def handle(self, *args: object, **options: object) -> None:
            deed()

    Command.__module__ = "paddock.management.commands.tidy_up"
    Command().execute(no_color=True, force_color=False, skip_checks=True)


PLACES = {
    in_request: ("user", "alice@example.com"),
    in_task: ("task", "Paddock: tidy up"),
    in_command: ("system", "Command: tidy up"),
}


def run_sql(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def save(event: Event, material: Material) -> None:
    material.title = "Next lap"
    material.save()


def create_many(event: Event, material: Material) -> None:
    Material.objects.bulk_create([Material(event=event, group="A", title=title, text="x") for title in "AB"])


def update_many(event: Event, material: Material) -> None:
    Material.objects.update(title="Next lap")


def update_raw(event: Event, material: Material) -> None:
    run_sql("update events_material set title = %s", "Next lap")


def write_by_id(event: Event, material: Material) -> None:
    write_values(Material, "title", {material.pk: "Next lap"})


def delete_by_id(event: Event, material: Material) -> None:
    delete_rows(Material, [material.pk])


def delete_raw_with(event: Event, material: Material) -> None:
    run_sql("with gone as (delete from events_material returning id) select count(*) from gone")


def update_named(event: Event, material: Material) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update events_material set title = %(title)s", {"title": "Next lap"})


CHANGED = [("changed", {"title": ["First lap", "Next lap"]})]
WAYS = {
    save: CHANGED,
    update_many: CHANGED,
    update_raw: CHANGED,
    update_named: CHANGED,
    write_by_id: CHANGED,
    create_many: ["added", "added"],
    delete_by_id: ["deleted"],
    delete_raw_with: ["deleted"],
}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_of_writing(contoso: Tenant, fabrikam: Tenant, way: Callable, place: Callable) -> None:  # type: ignore[type-arg]
    user = UserFactory(email="alice@example.com")
    with organization_scope(contoso.organization.pk):
        material = MaterialFactory(event=contoso.event)
    known = {change.pk for change in find_changes(contoso)}
    outside = len(find_changes(fabrikam))

    def deed() -> None:
        with organization_scope(contoso.organization.pk), because("They asked"):
            way(contoso.event, material)

    place(user, deed)
    changes = [change for change in find_changes(contoso) if change.pk not in known]
    told = [(each.action, each.changes) if WAYS[way] is CHANGED else each.action for each in changes]
    assert told == WAYS[way]
    for each in changes:
        assert (each.actor_kind, each.actor_name) == PLACES[place]
        assert each.actor_id == (user.pk if place is in_request else None)
        assert (each.reason, each.object_type, each.event_id) == ("They asked", "material", contoso.event.pk)
        assert each.object_name
        assert each.request_id if place is in_command else each.request_id == "request-4711"
    assert len(find_changes(fabrikam)) == outside


def test_a_cascade_tells_of_every_row(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        other = Event.objects.get(pk=contoso.event.pk)
        other.pk, other.slug = None, "other"
        other.save()
        Question.objects.create(event=other, key="team", label="Your team?")
        other_id = other.pk
        other.delete()
    gone = find_changes(contoso, event_id=other_id, action="deleted")
    assert {(each.object_type, each.object_name) for each in gone} == {
        ("event", "Contoso Cup"),
        ("question", "Your team?"),
    }


def test_the_organization_is_that_of_the_row(contoso: Tenant, fabrikam: Tenant) -> None:
    before = len(find_changes(contoso))
    with across_tenants("a test writes for everybody"):
        Material.objects.update(title="Of all")
    (change,) = find_changes(fabrikam, changes__title__1="Of all")
    assert change.organization_id == fabrikam.organization.pk
    assert len(find_changes(contoso)) == before


def test_secrets_only_change(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        directory = DirectoryConnection.objects.get()
        directory.name = "Renamed"
        directory.save()
        directory.credential = "another-secret"
        directory.save()
        run_sql("update events_directoryconnection set credential = ''")
    renamed, renewed, emptied = find_changes(contoso, object_type="directoryconnection", action="changed")
    assert renamed.changes == {"name": ["Contoso directory", "Renamed"]}
    assert renewed.changes == {"credential": ["••••", "•••• (new)"]}
    assert emptied.changes == {"credential": ["••••", ""]}
    with across_tenants("a test looks for secrets anywhere"):
        told = str(list(RowChange.objects.values()))
    for secret in (CREDENTIAL, "another-secret", "gAAAA", contoso.event.directory.identity_center.external_id):
        assert secret not in told


def test_what_paddock_writes_for_itself_leaves_nothing(contoso: Tenant) -> None:
    known = len(find_changes(contoso))
    with organization_scope(contoso.organization.pk):
        Registration.objects.update(directory_user_id="u-1", identity_center_user_id="i-1")
        RacerProfile.objects.update(used_seconds=60, seen_at=contoso.event.starts_at)
        account = contoso.event.accounts.get().sponsoring_account
        columns = {"sponsoring_account_id": [account.pk], "organization_id": [account.organization_id]}
        upsert_rows(
            RacerProfile,
            columns | {"service_id": ["s-1"], "alias": ["zoe"]},
            unique=["sponsoring_account_id", "service_id"],
            where="service_id <> ''",
            update=["alias"],
        )
        contoso.model  # noqa: B018 (is made when it is asked for)
    assert len(find_changes(contoso)) == known


def test_lists_are_whole() -> None:
    """A new model of a tenant is audited, or is not for a reason; and what is audited has its trigger."""
    tenants = {model for model in apps.get_models() if issubclass(model, TenantModel)} | {Organization}
    assert set(AUDITED) | set(NOT_AUDITED) == tenants
    assert not set(AUDITED) & set(NOT_AUDITED)
    with connection.cursor() as cursor:
        cursor.execute("select tgrelid::regclass::text from pg_trigger where tgname = %s", [TRIGGER])
        assert {table for (table,) in cursor.fetchall()} == {model._meta.db_table for model in AUDITED}


@pytest.mark.parametrize("model", AUDITED, ids=lambda model: model.__name__)
def test_what_sounds_secret_is_kept_secret(model: type[TenantModel]) -> None:
    suspicious = ("password", "secret", "token", "hash", "credential", "digest", "external_id")
    harmless = {"credential_kind", "federated_token_file", "wants_token", "token_made_at"}
    secret = {field.column for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)}
    named = {field.column for field in model._meta.concrete_fields if any(word in field.column for word in suspicious)}
    assert named - harmless - secret <= set(AUDITED[model].secret)
