"""Every way to rows, by every model: without the tenant's scope none leads to its rows, and none changes them."""

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Count, F, Model, Q, prefetch_related_objects
from psycopg.types.json import Jsonb

from paddock.accounts.models import User
from paddock.tenancy.operations import tenant_foreign_keys
from paddock.tenancy.scope import across_tenants, organization_scope
from tests.admin.stage import Tenant, build_tenant
from tests.support.factories import MailTemplateFactory, MaterialFactory, QuestionFactory
from tests.tenancy.test_isolation import TENANT_MODELS

pytestmark = pytest.mark.django_db

Row = Any  # of any tenant model
Scope = Callable[[], AbstractContextManager[None]]


class World:
    """Two tenants with rows of the same kinds; `rows` are Contoso's, which nobody else may come by."""

    def __init__(self) -> None:
        self.contoso, self.fabrikam = _fill(build_tenant("Contoso")), _fill(build_tenant("Fabrikam"))
        self.rows = dict(_find_rows(self.contoso))
        self.foreign = dict(_find_rows(self.fabrikam))

    @property
    def outside(self) -> dict[str, Scope]:
        return {"no scope": nullcontext, "another's scope": lambda: organization_scope(self.fabrikam.organization.pk)}

    def inside(self) -> AbstractContextManager[None]:
        return organization_scope(self.contoso.organization.pk)


def _fill(tenant: Tenant) -> Tenant:
    assert tenant.rows
    with organization_scope(tenant.organization.pk):
        for factory in (QuestionFactory, MaterialFactory, MailTemplateFactory):
            factory(event=tenant.event)
    return tenant


def _find_rows(tenant: Tenant) -> Iterator[tuple[type[Model], Row]]:
    """The first row of every model that has one."""
    with organization_scope(tenant.organization.pk):
        for model in TENANT_MODELS:
            if row := model._base_manager.order_by("pk").first():
                yield model, row


@pytest.fixture
def world() -> World:
    return World()


def query(sql: str, *parameters: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def copy_out(row: Row) -> list[Any]:
    with connection.cursor() as cursor, cursor.copy(f"copy {row._meta.db_table} (id) to stdout") as rows:
        return [found for (found,) in rows.rows() if found == str(row.pk)]


def get(row: Row) -> list[Row]:
    try:
        return [type(row)._base_manager.get(pk=row.pk)]
    except ObjectDoesNotExist:
        return []


def of(row: Row) -> Any:
    return type(row)._base_manager.filter(pk=row.pk)


READING: dict[str, Callable[[Row], Any]] = {
    "manager": lambda row: list(type(row)._default_manager.filter(pk=row.pk)),
    "base manager": lambda row: list(of(row)),
    "get": get,
    "count": lambda row: of(row).count(),
    "exists": lambda row: of(row).exists(),
    "aggregate": lambda row: of(row).aggregate(number=Count("pk"))["number"],
    "values": lambda row: list(of(row).values("pk")),
    "in_bulk": lambda row: type(row)._base_manager.in_bulk([row.pk]),
    "iterator": lambda row: list(of(row).iterator()),
    "union": lambda row: list(of(row).order_by().values("pk").union(of(row).order_by().values("pk"))),
    "lock": lambda row: list(of(row).select_for_update(of=("self",))),
    "raw": lambda row: list(
        type(row)._base_manager.raw(f"select * from {row._meta.db_table} where id = %s", [row.pk])  # noqa: S608
    ),
    "cursor": lambda row: query(f"select id from {row._meta.db_table} where id = %s", row.pk),  # noqa: S608
    "copy": copy_out,
}
# Nobody changes an audit trail, so nobody locks its rows either.
LOCKED = ["audit.AuditEntry", "audit.RowChange"]


def attempt(way: Callable[[Row], Any], row: Row) -> Any:
    """What it leads to; nothing where the role may not even try, as with the audit trail."""
    try:
        with transaction.atomic():
            return way(row)
    except ProgrammingError as error:
        if "permission denied" not in str(error):
            raise
        return None


@pytest.mark.parametrize("way", READING)
def test_nothing_is_read(way: str, world: World) -> None:
    read, found = READING[way], []
    for row in world.rows.values():
        for name, scope in world.outside.items():
            with scope():
                if attempt(read, row):
                    found.append((name, row._meta.label))
    assert found == []
    with world.inside():  # the way itself leads somewhere
        missed = [row._meta.label for row in world.rows.values() if not attempt(read, row)]
    assert missed == (LOCKED if way == "lock" else [])


def test_relations_lead_nowhere(world: World) -> None:
    """A row that was read in its scope, and followed in another one or without any."""
    followed = [
        (name, row._meta.label, relation)
        for row in world.rows.values()
        for name, scope in world.outside.items()
        for relation, follow in _list_relations(row)
        if _reach(scope, follow)
    ]
    assert followed == []


def _list_relations(row: Row) -> Iterator[tuple[str, Callable[[], Any]]]:
    for field in tenant_foreign_keys(type(row)):
        if getattr(row, field.attname):
            yield field.name, partial(_follow, row, field.name)
            yield f"select_related {field.name}", partial(_join, row, field.name)
    for related in row._meta.related_objects:
        if related.related_model in TENANT_MODELS and (accessor := related.get_accessor_name()):
            yield accessor, partial(_follow_back, row, accessor)


def _reach(scope: Scope, follow: Callable[[], Any]) -> Any:
    try:
        with scope():
            return follow()
    except ObjectDoesNotExist:
        return None


def _follow(row: Row, name: str) -> Row:
    """Afresh: what was read before is not asked again."""
    fresh = copy.copy(row)
    fresh._state = copy.copy(row._state)
    fresh._state.fields_cache = {}
    return getattr(fresh, name)


def _join(row: Row, name: str) -> list[Row]:
    return list(of(row).select_related(name))


def _follow_back(row: Row, accessor: str) -> list[Row]:
    """By its own query, and prefetched."""
    found = getattr(row, accessor)
    if isinstance(found, Model):
        return [found]
    fresh = copy.copy(row)
    prefetch_related_objects([fresh], accessor)
    return [*found.all(), *getattr(fresh, accessor).all()]


def test_relations_lead_somewhere_in_their_scope(world: World) -> None:
    with world.inside():
        event = world.contoso.event
        assert _follow_back(event, "registrations") == [world.contoso.registration] * 2
        assert world.contoso.registration.participant


def test_people_are_no_bridge(world: World) -> None:
    """Users are nobody's; what they lead to is somebody's."""
    contoso = world.contoso.organization.pk
    for scope in world.outside.values():
        with scope():
            assert not User.objects.filter(memberships__organization=contoso).exists()
            assert not User.objects.filter(~Q(memberships=None), memberships__role="owner").filter(
                email__contains="contoso"
            )
            users = User.objects.prefetch_related("memberships")
            assert contoso not in {each.organization_id for user in users for each in user.memberships.all()}
            assert contoso not in User.objects.values_list("memberships__organization", flat=True)


def bulk_update(row: Row) -> Any:
    return type(row)._base_manager.bulk_update([copy.copy(row)], [_any_field(row)])


def save(row: Row) -> Any:
    try:
        with transaction.atomic():
            copy.copy(row).save(force_update=True)
    except (DatabaseError, ObjectDoesNotExist):
        return 0
    return 1


def _any_field(row: Row) -> str:
    fields = [each for each in row._meta.concrete_fields if not each.primary_key and not each.generated]
    return next(each.name for each in fields if each.name != "organization")


def _table_and_column(row: Row) -> tuple[str, str]:
    return row._meta.db_table, row._meta.get_field(_any_field(row)).column


def update_by_cursor(row: Row) -> Any:
    table, column = _table_and_column(row)
    return query(f"update {table} set {column} = {column} where id = %s", row.pk)  # noqa: S608


CHANGING: dict[str, Callable[[Row], Any]] = {
    "update": lambda row: of(row).update(**{_any_field(row): F(_any_field(row))}),
    "bulk_update": bulk_update,
    "save": save,
    "delete": lambda row: of(row).delete()[0],
    "raw delete": lambda row: of(row)._raw_delete("default"),
    "cursor update": update_by_cursor,
    "cursor delete": lambda row: query(f"delete from {row._meta.db_table} where id = %s", row.pk),  # noqa: S608
}


@pytest.mark.parametrize("way", CHANGING)
def test_nothing_is_changed(way: str, world: World) -> None:
    change, changed = CHANGING[way], []
    for row in world.rows.values():
        for name, scope in world.outside.items():
            with scope():
                if attempt(change, row):
                    changed.append((name, row._meta.label))
    assert changed == []
    with world.inside():
        assert all(of(row).exists() for row in world.rows.values())


# Of the audit trail, part is written by triggers alone.
REFUSED = "row-level security|permission denied"


@contextmanager
def refused(*errors: type[Exception], match: str) -> Iterator[None]:
    with pytest.raises(errors, match=match), transaction.atomic():
        yield


def _as_new(row: Row) -> Row:
    new = copy.copy(row)
    new.pk, new._state = None, copy.copy(row._state)
    new._state.adding = True
    return new


def bulk_create(row: Row) -> None:
    type(row)._base_manager.bulk_create([_as_new(row)])


def insert_by_cursor(row: Row) -> None:
    table = row._meta.db_table
    owner = "id" if table == "tenancy_organization" else "organization_id"
    with across_tenants("to know what to plant"):
        columns = [connection.ops.quote_name(each.column) for each in row._meta.concrete_fields if not each.generated]
        (values,) = query(f"select {', '.join(columns)} from {table} where id = %s", row.pk)  # noqa: S608
    assert f'"{owner}"' in columns
    query(
        f"insert into {table} ({', '.join(columns)}) values ({', '.join(['%s'] * len(values))})"  # noqa: S608
        " on conflict (id) do update set id = excluded.id",
        *[_as_json(value) for value in values],
    )


def _as_json(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


PLANTING: dict[str, Callable[[Row], Any]] = {
    "bulk_create": bulk_create,
    "create": lambda row: _as_new(row).save(force_insert=True),
    "cursor upsert": insert_by_cursor,
}


@pytest.mark.parametrize("way", PLANTING)
def test_nothing_is_planted(way: str, world: World) -> None:
    for row in world.rows.values():
        for scope in world.outside.values():
            with scope(), refused(ProgrammingError, match=REFUSED):
                PLANTING[way](row)


def copy_in(model: type[Model]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {model._meta.db_table} (id) from stdin") as rows:
        rows.write_row([1])


def test_nothing_is_given_away_or_copied_in(world: World) -> None:
    """Neither a row of one's own to another tenant, nor a foreign row to oneself."""
    given = world.contoso.organization.pk
    for model, row in world.foreign.items():
        with organization_scope(world.fabrikam.organization.pk):
            if model in world.rows and "organization" in {each.name for each in model._meta.concrete_fields}:
                with refused(ProgrammingError, match=REFUSED):
                    of(row).update(organization=given)
            with refused(psycopg.Error, match=REFUSED):
                copy_in(model)
            with refused(ProgrammingError, match="permission denied"):
                query(f"truncate {model._meta.db_table}")


def test_no_foreign_key_crosses(world: World) -> None:
    for model, row in world.rows.items():
        for field in tenant_foreign_keys(model):
            target = world.foreign.get(field.related_model)
            if target is None or field.unique:  # where one row may point there, another one does already
                continue
            with world.inside(), refused(IntegrityError, match="_tenant|unique constraint"):
                query("set constraints all immediate")
                of(row).update(**{field.attname: target.pk})
