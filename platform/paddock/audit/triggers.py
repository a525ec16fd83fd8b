"""Row changes, written by the database itself: a save, a bulk write, raw SQL and a cascade leave the same trace.

A function for each table, rather than one for all, so that its few look-ups are planned once. It works as the owner of
the tables: the application's roles cannot write row changes, and so cannot invent them either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, GeneratedField, Model

from paddock.audit.models import RowChange
from paddock.fields import EncryptedTextField
from paddock.tenancy.models import Organization

TRIGGER = "audit_rows"
# The column that people know a row by: the first of these that its table has.
NAMES = ("title", "name", "label", "subject", "alias", "email", "sender", "slug")
OLD_SECRET, NEW_SECRET = "••••", "•••• (new)"


@dataclass(frozen=True)
class Rows:
    """How a model's rows are audited. `event`, `name` and `condition` are SQL about `seen`, the row that it is about.

    `machine` columns are written by Paddock for its own use; of `secret` ones only that they changed is told.
    """

    machine: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    event: str = ""
    name: str = ""
    condition: str = "true"


_FUNCTION = """
create or replace function {trigger}_of_{table}() returns trigger language plpgsql
security definer set search_path = pg_catalog, public as $$
declare
    seen {table};
    before jsonb;
    after jsonb;
    told jsonb;
begin
    if tg_op = 'UPDATE' and {unmoved} then
        return null;
    end if;
    if tg_op <> 'INSERT' then
        seen := old;
        before := to_jsonb(old) - '{{{ignored}}}'::text[];
    end if;
    if tg_op <> 'DELETE' then
        seen := new;
        after := to_jsonb(new) - '{{{ignored}}}'::text[];
    end if;
    if not ({condition}) then
        return null;
    end if;
    told := nullif(current_setting('pghistory.context_metadata', true), '')::jsonb;
    insert into {changes} (
        organization_id, at, actor_id, actor_kind, actor_name, credential_id, action, object_type, object_id,
        object_name, event_id, reason, request_id, changes
    ) select
        seen.{organization}, clock_timestamp(), nullif(told->>'actor_user_id', '')::bigint,
        coalesce(told->>'actor_kind', 'system'), left(coalesce(told->>'actor_name', 'SQL by ' || session_user), 254),
        nullif(told->>'actor_credential_id', '')::bigint,
        case tg_op when 'INSERT' then 'added' when 'UPDATE' then 'changed' else 'deleted' end, '{type}', seen.id,
        left(coalesce({name}, ''), 300), {event}, left(coalesce(told->>'reason', ''), 300),
        coalesce(told->>'request_id', ''), jsonb_object_agg(key, jsonb_build_array(
            case when key = any('{{{secret}}}') and was <> '""' then '"{old_secret}"' else was end,
            case when key = any('{{{secret}}}') and became <> '""' then '"{new_secret}"' else became end))
    from (
        select key, nullif(before->key, 'null') as was, nullif(after->key, 'null') as became
        from jsonb_object_keys(coalesce(after, before)) as key
    ) as compared
    where was is distinct from became
    having count(*) > 0;
    return null;
end $$
"""


def install_triggers(connection: BaseDatabaseWrapper, audited: Mapping[type[Model], Rows]) -> None:
    """Make the triggers what `audited` says. Runs as the owner, after every migration."""
    with connection.cursor() as cursor:
        cursor.execute("select tgrelid::regclass::text from pg_trigger where tgname = %s", [TRIGGER])
        present = {table for (table,) in cursor.fetchall()}
        for model, rows in audited.items():
            cursor.execute(_write_function(model, rows))
            if (table := model._meta.db_table) not in present:
                cursor.execute(
                    f"create trigger {TRIGGER} after insert or update or delete on {table}"
                    f" for each row execute function {TRIGGER}_of_{table}()"
                )
        for table in present - {model._meta.db_table for model in audited}:
            cursor.execute(f"drop function {TRIGGER}_of_{table}() cascade")


def _write_function(model: type[Model], rows: Rows) -> str:
    fields = model._meta.concrete_fields
    columns = [str(field.column) for field in fields]
    unknown = {*rows.machine, *rows.secret} - set(columns)
    if unknown:
        raise ValueError(f"{model.__name__} has no column {', '.join(sorted(unknown))}: see who lists it as audited.")
    ignored = [*rows.machine, *(str(field.column) for field in fields if _says_nothing(field))]
    secret = [*rows.secret, *(str(field.column) for field in fields if isinstance(field, EncryptedTextField))]
    name = next((f"seen.{column}" for column in NAMES if column in columns), "null")
    event = "seen.event_id" if "event_id" in columns else "null"
    return _FUNCTION.format(
        trigger=TRIGGER,
        table=model._meta.db_table,
        changes=RowChange._meta.db_table,
        type=model._meta.model_name,
        ignored=",".join(ignored),
        unmoved=_compare([column for column in columns if column not in ignored]),
        secret=",".join(secret),
        name=rows.name or name,
        event=rows.event or event,
        condition=rows.condition,
        organization="id" if model is Organization else "organization_id",
        old_secret=OLD_SECRET,
        new_secret=NEW_SECRET,
    )


def _compare(columns: Sequence[str]) -> str:
    """Whether none of these moved: by far the most frequent case where counters stand in the same row."""
    old, new = (", ".join(f'{row}."{column}"' for column in columns) for row in ("old", "new"))
    return f"row({old}) is not distinct from row({new})"


def _says_nothing(field: "Field[Any, Any]") -> bool:
    """What follows from the rest, or says no more than the row change itself does."""
    automatic = getattr(field, "auto_now_add", False) or isinstance(field, GeneratedField)
    return field.primary_key or automatic or field.column == "organization_id"
