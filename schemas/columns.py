"""From a record to its Arrow schema and back, so that the two cannot drift apart.

A record is a frozen dataclass whose fields read ``name: Annotated[type, "what it is"]``. The Arrow type and
the nullability follow from the Python type, the description goes along as field metadata.

Files are never rewritten for a schema's sake. A new column is ``type | None`` or a tuple: NULL in older files. A column
that gets a better name says so, ``Annotated[type, "what it is", Formerly("old_name")]``: older files are read by the
old name, and the views go on to answer to it.
"""

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "ABOUT",
    "Formerly",
    "arrow_schema",
    "conform",
    "former_names",
    "may_be_missing",
    "to_record",
    "to_table",
]

Record = TypeVar("Record")

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
    """Return the Arrow schema of a table whose rows are these records side by side.

    Args:
        records: Dataclasses; their fields become columns, in the order given.

    Returns:
        A schema with one field per record field; each carries its description under :data:`ABOUT`.

    Raises:
        TypeError: A field's type has no Arrow counterpart, or lacks a description.
    """
    return pa.schema([field for record in records for field in _arrow_fields(record)])


def to_table(rows: Iterable[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """Return rows, one tuple of records each, as an Arrow table.

    ``pa.Table.from_pylist`` drops unknown keys and fills misspelt ones with NULL; here columns are read off
    the records by the schema's own names.

    Raises:
        TypeError: The records lack a column of the schema, or have one that it does not know.
    """
    columns: dict[str, list[object]] = {name: [] for name in schema.names}
    for row in rows:
        cells = {f.name: getattr(part, f.name) for part in row for f in fields(part)}  # type: ignore[arg-type]
        if cells.keys() != columns.keys():
            raise TypeError(f"row and schema disagree on {sorted(cells.keys() ^ columns.keys())}")
        for name, cell in cells.items():
            columns[name].append(_to_plain(cell))
    return pa.Table.from_pydict(columns, schema=schema)


def to_record(record: type[Record], row: Mapping[str, object]) -> Record:
    """Return a row of a table as a record: the opposite of :func:`to_table`, for one part of the row.

    Args:
        record: A dataclass; its annotations say which columns it has, and which hold records of their own.
        row: Cells by column; columns that the record does not know are left out, one that is missing is None.
    """
    parts = _item_records(record)  # type: ignore[arg-type]  # mypy takes this type for not hashable
    cells = {name: _to_cell(row.get(name), part) for name, part in parts.items()}
    return record(**cells)


def former_names(schema: pa.Schema) -> dict[str, str]:
    """Return the older name of each column that had one, by its name of now."""
    names = {field.name: (field.metadata or {}).get(_FORMERLY, b"").decode() for field in schema}
    return {name: old for name, old in names.items() if old}


def conform(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows of a file of any version, older or newer, with the columns of a schema.

    Returns:
        The columns of the schema in its order, NULL or an empty list where the file has none; behind them, what the
        schema does not know, as it is: whoever copies rows must not lose what a newer version wrote.

    Raises:
        pa.ArrowInvalid: A column that may not be NULL is missing, or is of another kind.
    """
    if rows.schema.equals(schema):  # as most files are
        return rows.replace_schema_metadata()
    for name, old in former_names(schema).items():
        rows = _rename_column(rows, old, name)
    rows = _in_our_types(rows)
    known = pa.unify_schemas([schema, rows.schema], promote_options="permissive")
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else _empty_column(field, len(rows))
        for field in known
    ]
    empty = [
        field.name for field, column in zip(known, columns, strict=True) if not field.nullable and column.null_count
    ]
    if empty:
        raise pa.ArrowInvalid(f"lacks the columns {', '.join(empty)}")
    return pa.table(columns, schema=known.remove_metadata())


def may_be_missing(field: pa.Field) -> bool:
    """Return True if a file that was written before there was such a column is sound."""
    return bool(field.nullable or pa.types.is_list(field.type))


def _in_our_types(rows: pa.Table) -> pa.Table:
    """Return rows of any writer without dictionaries, long strings and units of time that we do not use."""
    fields = [pa.field(field.name, _plain_type(field.type), field.nullable) for field in rows.schema]
    return rows.replace_schema_metadata().cast(pa.schema(fields))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _plain_type(field.type), field.nullable) for field in kind])
    if pa.types.is_timestamp(kind):
        return _SCALARS[datetime]
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _SCALARS[str]
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return _SCALARS[bytes]
    return kind


def _empty_column(field: pa.Field, rows: int) -> pa.Array:
    if may_be_missing(field) and not field.nullable:
        return pa.array([[]] * rows, field.type)
    return pa.nulls(rows, field.type)


def _rename_column(rows: pa.Table, old: str, name: str) -> pa.Table:
    if old not in rows.column_names:
        return rows
    if name not in rows.column_names:
        return rows.rename_columns({old: name})
    both = pc.coalesce(rows[name], rows[old])
    return rows.set_column(rows.column_names.index(name), name, both).drop_columns([old])


def _to_plain(cell: object) -> object:
    """Return what Arrow understands: records as dictionaries, tuples as lists."""
    if isinstance(cell, tuple):
        return [_to_plain(item) for item in cell]
    if is_dataclass(cell) and not isinstance(cell, type):
        return {f.name: _to_plain(getattr(cell, f.name)) for f in fields(cell)}
    return cell


def _to_cell(cell: object, item_record: type | None) -> object:
    """Return what a record holds: tuples for lists, records for dictionaries."""
    if not isinstance(cell, list):
        return cell
    if item_record is None:
        return tuple(cell)
    return tuple(to_record(item_record, item) for item in cell)


@cache
def _item_records(record: type) -> dict[str, type | None]:
    """Return the columns of a record, each with the record that the items of its list are, or None."""
    hints = get_type_hints(record)
    return {field.name: _item_record(hints[field.name]) for field in fields(record)}


def _item_record(kind: object) -> type | None:
    if get_origin(kind) is not tuple:
        return None
    item = get_args(kind)[0]
    return item if isinstance(item, type) and is_dataclass(item) else None


def _arrow_fields(record: type) -> Iterator[pa.Field]:
    hints = get_type_hints(record, include_extras=True)
    for field in fields(record):
        hint = hints[field.name]
        kind, *notes = get_args(hint) if get_origin(hint) is Annotated else (None,)
        if not notes:
            raise TypeError(f"{record.__name__}.{field.name} has no description")
        kind, nullable = _split_none(kind)
        yield pa.field(field.name, _arrow_type(kind), nullable, _describe_field(*notes))


def _describe_field(about: object, *others: object) -> dict[bytes, bytes]:
    metadata = {ABOUT: str(about).encode()}
    for other in others:
        if isinstance(other, Formerly):
            metadata[_FORMERLY] = other.name.encode()
    return metadata


def _split_none(kind: object) -> tuple[object, bool]:
    """Return a type without None, and whether it had it."""
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
