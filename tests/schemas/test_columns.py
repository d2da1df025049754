from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from datetime import UTC, date, datetime
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
import pytest

from schemas.articles import Article, BatchStamp, RunStamp
from schemas.columns import ABOUT, arrow_schema, to_record, to_table
from schemas.fetches import Fetch
from schemas.meetings import Meeting
from schemas.pages import RawPage
from schemas.quotes import Quote
from schemas.rejects import EventStamp, Reject
from schemas.tables import TABLES
from schemas.topics import Topic

RECORDS: dict[str, tuple[type, ...]] = {
    "articles": (Article, RunStamp, BatchStamp),
    "meetings": (Meeting, BatchStamp),
    "quotes": (Quote, BatchStamp),
    "topics": (Topic, BatchStamp),
    "rejects": (Reject, EventStamp, BatchStamp),
    "fetches": (Fetch, EventStamp, BatchStamp),
    "pages": (RawPage, EventStamp, BatchStamp),
}

SAMPLES: dict[object, object] = {
    str: "hòa bình 🕊",
    bytes: b"\x00\xff",
    int: 7,
    float: 0.5,
    bool: True,
    date: date(2026, 3, 5),
    datetime: datetime(2026, 3, 5, 12, 30, 0, 1, tzinfo=UTC),
}


def _sample(kind: object, *, nulls: bool) -> object:
    """A value of a field's type: every optional field filled, or every optional field None."""
    if _is_optional(kind):
        return None if nulls else _sample(get_args(kind)[0], nulls=nulls)
    if get_origin(kind) is Literal:
        return get_args(kind)[-1]
    if get_origin(kind) is tuple:
        return () if nulls else (_sample(get_args(kind)[0], nulls=nulls),) * 2
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, nulls=nulls)
    return SAMPLES[kind]


def _is_optional(kind: object) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _record(kind: type, *, nulls: bool = False) -> object:
    hints = get_type_hints(kind)
    return kind(**{field.name: _sample(hints[field.name], nulls=nulls) for field in fields(kind)})


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def test_every_table_has_its_records() -> None:
    assert RECORDS.keys() == TABLES.keys()
    assert list(TABLES)[-1] == "articles"


@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize("table", TABLES)
def test_a_record_comes_back_as_it_went_in(table: str, nulls: bool) -> None:
    row = tuple(_record(kind, nulls=nulls) for kind in RECORDS[table])
    (back,) = to_table([row], TABLES[table]).to_pylist()
    assert back == {name: cell for part in row for name, cell in _plain(part).items()}  # type: ignore[attr-defined]
    assert tuple(to_record(kind, back) for kind in RECORDS[table]) == row
    assert list(back) == [field.name for kind in RECORDS[table] for field in fields(kind)]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described_and_only_optional_ones_may_be_null(table: str) -> None:
    hints = {name: hint for kind in RECORDS[table] for name, hint in get_type_hints(kind).items()}
    for field in TABLES[table]:
        assert field.metadata[ABOUT]
        assert field.nullable == _is_optional(hints[field.name])


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_part_of_a_row_raises(table: str) -> None:
    with pytest.raises(TypeError, match="batch_id"):
        to_table([tuple(_record(kind) for kind in RECORDS[table][:-1])], TABLES[table])


@pytest.mark.parametrize("table", TABLES)
def test_a_misspelt_column_raises(table: str) -> None:
    schema = TABLES[table]
    name = schema.names[0]
    misspelt = schema.set(0, schema.field(0).with_name(f"{name}x"))
    with pytest.raises(TypeError, match=f"{name}x"):
        to_table([tuple(_record(kind) for kind in RECORDS[table])], misspelt)


def test_an_unknown_column_raises() -> None:
    mood = make_dataclass("Mood", [("mood", str)])("calm")
    with pytest.raises(TypeError, match="mood"):
        to_table([(_record(Reject), _record(EventStamp), _record(BatchStamp), mood)], TABLES["rejects"])


def test_a_value_of_the_wrong_type_raises() -> None:
    wrong = Reject(input=7, stage="clean", code="empty", message="")  # type: ignore[arg-type]
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        to_table([(wrong, _record(EventStamp), _record(BatchStamp))], TABLES["rejects"])


def test_a_field_without_a_description_or_an_arrow_type_raises() -> None:
    @dataclass
    class Plain:
        name: str

    @dataclass
    class Strange:
        number: Annotated[complex, "no such column"]

    with pytest.raises(TypeError, match=r"Plain\.name has no description"):
        arrow_schema(Plain)
    with pytest.raises(TypeError, match="no Arrow type"):
        arrow_schema(Strange)
