"""Every model that reaches an organization is kept apart by the database itself."""

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Model

from events.models import Event, Material
from paddock.tenancy.models import Organization
from paddock.tenancy.operations import tenant_foreign_keys
from paddock.tenancy.scope import across_tenants, organization_scope
from tests.support.factories import EventFactory, MaterialFactory, OrganizationFactory
from tests.support.world import account_of

# Rows about people who sign in; they are no tenant's, and name none. allauth's say how: an account of single sign-on
# by the key of its provider, which is one tenant's and behind its wall; the others are empty, or of local accounts.
WITHOUT_TENANT = {
    "accounts.User",
    *("account.EmailAddress", "account.EmailConfirmation", "mfa.Authenticator"),
    *("socialaccount.SocialAccount", "socialaccount.SocialApp", "socialaccount.SocialToken"),
}
OURS = ("tenancy", "accounts", "sso", "events", "participants", "account", "socialaccount", "mfa")


def reaches_organization(model: type[Model], seen: frozenset[type[Model]] = frozenset()) -> bool:
    """Whether foreign keys lead from this model to the tenant, by any number of stops."""
    if model is Organization:
        return True
    targets = [field.related_model for field in model._meta.get_fields() if field.many_to_one or field.one_to_one]
    forward = [t for t in targets if isinstance(t, type) and t not in seen]
    return any(reaches_organization(target, seen | {model}) for target in forward)


TENANT_MODELS = [model for model in apps.get_models() if reaches_organization(model)]


def query(sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def test_every_model_of_ours_is_a_tenants_or_has_a_reason() -> None:
    ours = {model for model in apps.get_models() if model._meta.app_label in OURS}
    unexplained = {model._meta.label for model in ours if model not in TENANT_MODELS} - WITHOUT_TENANT
    automatic = {label for label in unexplained if label.startswith("accounts.User_")}
    assert unexplained - automatic == set()


@pytest.mark.django_db
@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_model_is_isolated(model: type[Model]) -> None:
    table = model._meta.db_table
    assert query("select relrowsecurity from pg_class where relname = %s", table) == [(True,)]
    policies = dict(query("select policyname, roles::text from pg_policies where tablename = %s", table))
    assert policies == {"tenant": "{paddock_app}", "everything": "{paddock_system}"}
    if model is Organization:
        return
    assert any(field.name == "organization" and not field.null for field in model._meta.concrete_fields)
    constraints = query("select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass", table)
    definitions = [str(definition) for (definition,) in constraints]
    for field in tenant_foreign_keys(model):
        target = field.related_model._meta.db_table
        expected = f"FOREIGN KEY (organization_id, {field.column}) REFERENCES {target}(organization_id, id)"
        assert any(definition.startswith(expected) for definition in definitions), expected


@pytest.mark.django_db
def test_application_cannot_bypass_row_level_security() -> None:
    (row,) = query("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
    assert row == ("paddock_app", False, False)
    owned = query("select count(*) from pg_class c join pg_roles r on r.oid = relowner where r.rolname = current_user")
    assert owned == [(0,)]


@pytest.mark.django_db
class TestScope:
    def make_tenants(self) -> tuple[Event, Event]:
        events = []
        for organization in OrganizationFactory.create_batch(2):
            with organization_scope(organization.pk):
                events.append(EventFactory())
        return events[0], events[1]

    def test_forgotten_scope_reads_and_writes_nothing(self) -> None:
        event, _ = self.make_tenants()
        assert Event.objects.count() == 0
        assert not Event.objects.filter(pk=event.pk).exists()
        assert Event._base_manager.count() == 0
        assert query("select count(*) from events_event") == [(0,)]
        assert Event.objects.update(title="Taken") == 0
        assert Event.objects.all().delete()[0] == 0
        copied = {f.attname: getattr(event, f.attname) for f in Event._meta.concrete_fields if f.name != "id"}
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Event.objects.bulk_create([Event(**copied)])

    def test_scope_sees_its_own_tenant_alone(self) -> None:
        mine, foreign = self.make_tenants()
        with organization_scope(mine.organization_id):
            assert list(Event.objects.all()) == [mine]
            assert Event.objects.filter(pk=foreign.pk).update(title="Taken") == 0
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                MaterialFactory(event=mine, organization_id=foreign.organization_id)
        with across_tenants("the test looks from above"):
            assert Event.objects.count() == 2
            assert not Material.objects.exists()

    def test_foreign_key_cannot_cross_tenants(self) -> None:
        mine, foreign = self.make_tenants()
        with organization_scope(mine.organization_id), transaction.atomic():
            query("set constraints all immediate")
            with pytest.raises(IntegrityError, match="_tenant"), transaction.atomic():
                MaterialFactory(event=foreign)

    def test_scope_ends_with_its_block_even_after_an_error(self) -> None:
        mine, _ = self.make_tenants()
        with pytest.raises(IntegrityError), transaction.atomic(), organization_scope(mine.organization_id):
            EventFactory(slug=mine.slug, directory=mine.directory, sponsoring_account=account_of(mine))
        assert Event.objects.count() == 0

    def test_scopes_nest(self) -> None:
        mine, foreign = self.make_tenants()
        with organization_scope(mine.organization_id):
            with across_tenants("a look at all"), organization_scope(foreign.organization_id):
                assert list(Event.objects.all()) == [foreign]
            assert list(Event.objects.all()) == [mine]


@pytest.mark.django_db(transaction=True)
def test_connection_opened_inside_a_scope_starts_in_it() -> None:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event = EventFactory()
        connection.close()
        assert list(Event.objects.all()) == [event]
    assert Event.objects.count() == 0
