"""Row changes in words: columns by their names, values as people know them, and rows that are referred to by name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, ForeignKey, Model

from paddock.audit.changes import NOTHING, show_value
from paddock.audit.models import RowChange
from paddock.audit.triggers import NEW_SECRET, OLD_SECRET
from paddock.tenancy.models import Organization, TenantModel

Names = Mapping[type[Model], Mapping[int, str]]


class Line(NamedTuple):
    """What became of one column."""

    name: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


def find_types() -> dict[str, type[Model]]:
    """The models that are told of, by what entries and row changes call them."""
    ours = [each for each in apps.get_models() if issubclass(each, TenantModel) or each is Organization]
    return {str(each._meta.model_name): each for each in ours}


def name_type(object_type: str) -> str:
    model = find_types().get(object_type)
    return str(model._meta.verbose_name) if model else object_type


def put_in_words(changes: Iterable[RowChange]) -> dict[int, list[Line]]:
    """By the ids of the changes. The number of queries does not grow with them."""
    types, changes = find_types(), list(changes)
    names = _find_names(types, changes)
    return {each.pk: _tell_all(types.get(each.object_type), names, each) for each in changes}


def _tell_all(model: type[Model] | None, names: Names, change: RowChange) -> list[Line]:
    lines = [_tell(model, names, column, pair) for column, pair in change.changes.items()]
    return [line for line in lines if (line.before, line.after) != (None, None)]


def _tell(model: type[Model] | None, names: Names, column: str, pair: list[Any]) -> Line:
    field = _find_field(model, column)
    if field is None:
        return Line(column, *pair)
    before, after = (_show(field, names, value) for value in pair)
    return Line(str(field.verbose_name), before, after)


def _show(field: "Field[Any, Any]", names: Names, value: Any) -> Any:
    if value in NOTHING:
        return None
    if value in (OLD_SECRET, NEW_SECRET):
        return value
    if isinstance(field, ForeignKey):
        return names.get(field.related_model, {}).get(value, f"#{value}")
    try:
        return show_value(field, field.to_python(value))
    except ValidationError:  # the column has become another kind since
        return value


def _find_field(model: type[Model] | None, column: str) -> "Field[Any, Any] | None":
    """None for a column that there is no more."""
    try:
        return model._meta.get_field(column.removesuffix("_id")) if model else None  # type: ignore[return-value]
    except FieldDoesNotExist:
        return next((each for each in model._meta.concrete_fields if each.column == column), None) if model else None


def _find_names(types: Mapping[str, type[Model]], changes: Iterable[RowChange]) -> Names:
    wanted: defaultdict[type[Model], set[int]] = defaultdict(set)
    for change in changes:
        for column, pair in change.changes.items():
            field = _find_field(types.get(change.object_type), column)
            if isinstance(field, ForeignKey):
                wanted[field.related_model] |= {value for value in pair if isinstance(value, int)}
    return {model: _name_rows(model, ids) for model, ids in wanted.items()}


def _name_rows(model: type[Model], ids: set[int]) -> dict[int, str]:
    related = [field.name for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    rows = model._base_manager.select_related(*related).filter(pk__in=ids)
    return {row.pk: str(row) for row in rows}
