"""From a record to its Arrow schema, so that the two cannot drift apart.

A record is a frozen dataclass whose fields read ``name: Annotated[type, "what it is"]``. The Arrow type and
the nullability follow from the Python type, the description goes along as field metadata.

Files are never rewritten for a schema's sake. A new column is ``type | None`` or a tuple: NULL in older files. A column
that gets a better name says so, ``Annotated[type, "what it is", Formerly("old_name")]``: older files are read by the
old name, and the views go on to answer to it.
"""

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ABOUT", "Formerly", "arrow_schema", "conform", "former_names", "may_be_missing", "to_table"]

ABOUT = b"about"
"""Key of a column's description in the metadata of its Arrow field."""

_FORMERLY = b"formerly"
"""Key of a column's older name there."""

_SCALARS: dict[object, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int32(),
    float: pa.float64(),
    bytes: pa.binary(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True, slots=True)
class Formerly:
    """The name that a column of a table had before."""

    name: str


def arrow_schema(*records: type) -> pa.Schema:
    """The Arrow schema of a table whose rows are these records side by side.

    Args:
        records: Dataclasses; their fields become columns, in the order given.

    Returns:
        A schema with one field per record field; each carries its description under :data:`ABOUT`.

    Raises:
        TypeError: A field's type has no Arrow counterpart, or lacks a description.
    """
    return pa.schema([field for record in records for field in _arrow_fields(record)])


def to_table(rows: Iterable[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """Rows (one tuple of records each) as an Arrow table; fails on a missing or unknown column.

    ``pa.Table.from_pylist`` drops unknown keys and fills misspelt ones with NULL; here columns are read off
    the records by the schema's own names.
    """
    columns: dict[str, list[object]] = {name: [] for name in schema.names}
    for row in rows:
        cells = {f.name: getattr(part, f.name) for part in row for f in fields(part)}  # type: ignore[arg-type]
        if cells.keys() != columns.keys():
            raise TypeError(f"row and schema disagree on {sorted(cells.keys() ^ columns.keys())}")
        for name, cell in cells.items():
            columns[name].append(_plain(cell))
    return pa.Table.from_pydict(columns, schema=schema)


def former_names(schema: pa.Schema) -> dict[str, str]:
    """The older name of each column that had one, by its name of now."""
    names = {field.name: (field.metadata or {}).get(_FORMERLY, b"").decode() for field in schema}
    return {name: old for name, old in names.items() if old}


def conform(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows of a file of any version, older or newer, with the columns of a schema.

    Returns:
        The columns of the schema in its order, NULL or an empty list where the file has none; behind them, what the
        schema does not know, as it is: whoever copies rows must not lose what a newer version wrote.

    Raises:
        pa.ArrowInvalid: A column that may not be NULL is missing, or is of another kind.
    """
    if rows.schema.equals(schema):  # as most files are
        return rows.replace_schema_metadata()
    for name, old in former_names(schema).items():
        rows = _renamed(rows, old, name)
    known = pa.unify_schemas([schema, rows.schema.remove_metadata()], promote_options="permissive")
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else _nothing(field, len(rows))
        for field in known
    ]
    if empty := [f.name for f, c in zip(known, columns, strict=True) if not f.nullable and c.null_count]:
        raise pa.ArrowInvalid(f"lacks the columns {', '.join(empty)}")
    return pa.table(columns, schema=known.remove_metadata())


def may_be_missing(field: pa.Field) -> bool:
    """Whether files that were written before there was such a column are sound."""
    return bool(field.nullable or pa.types.is_list(field.type))


def _nothing(field: pa.Field, rows: int) -> pa.Array:
    if may_be_missing(field) and not field.nullable:
        return pa.array([[]] * rows, field.type)
    return pa.nulls(rows, field.type)


def _renamed(rows: pa.Table, old: str, name: str) -> pa.Table:
    if old not in rows.column_names:
        return rows
    if name not in rows.column_names:
        return rows.rename_columns({old: name})
    both = pc.coalesce(rows[name], rows[old])
    return rows.set_column(rows.column_names.index(name), name, both).drop_columns([old])


def _plain(cell: object) -> object:
    if isinstance(cell, tuple):
        return [_plain(item) for item in cell]
    if is_dataclass(cell) and not isinstance(cell, type):
        return {f.name: _plain(getattr(cell, f.name)) for f in fields(cell)}
    return cell


def _arrow_fields(record: type) -> Iterator[pa.Field]:
    hints = get_type_hints(record, include_extras=True)
    for field in fields(record):
        kind, *notes = get_args(hints[field.name]) if get_origin(hints[field.name]) is Annotated else (None,)
        if not notes:
            raise TypeError(f"{record.__name__}.{field.name} has no description")
        kind, nullable = _without_none(kind)
        about, *others = notes
        metadata = {ABOUT: str(about).encode()}
        metadata |= dict((_FORMERLY, one.name.encode()) for one in others if isinstance(one, Formerly))  # noqa: C402
        yield pa.field(field.name, _arrow_type(kind), nullable, metadata)


def _without_none(kind: object) -> tuple[object, bool]:
    if get_origin(kind) not in (Union, types.UnionType):
        return kind, False
    (only,) = (arg for arg in get_args(kind) if arg is not type(None))
    return only, True


def _arrow_type(kind: object) -> pa.DataType:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if get_origin(kind) is Literal:
        return pa.string()
    if get_origin(kind) is tuple:
        return pa.list_(_arrow_type(get_args(kind)[0]))
    if isinstance(kind, type) and is_dataclass(kind):
        return pa.struct(list(_arrow_fields(kind)))
    raise TypeError(f"no Arrow type for {kind!r}")
