from datetime import date
from typing import Annotated, Literal

import pytest
from pydantic import Field, field_validator

from schemas.errors import StopFlow
from tasks.seed_files import SeedTable, check_seed, read_csv, read_seed_file, read_toml


class Stall(SeedTable):
    fruit: str
    seats: Annotated[int, Field(ge=1, le=9)] = 1
    size: Literal["small", "large"] = "small"


class Market(SeedTable):
    name: str
    opened: date | None = None
    days: tuple[str, ...] = ()
    stall: tuple[Stall, ...] = ()
    main: Stall | None = None

    @field_validator("name")
    @classmethod
    def check_name(cls, name: str) -> str:
        if not name.strip():
            raise ValueError("is empty; write the market's name")
        return name


def write(folder, text):
    path = folder / "market.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_file_becomes_a_frozen_value(tmp_path):
    text = 'name = "Chợ Mơ"\nopened = 2020-01-31\ndays = ["thứ hai"]\n[[stall]]\nfruit = "ổi"\nseats = 2\n'
    market = read_seed_file(write(tmp_path, text), Market)
    assert market == Market(
        name="Chợ Mơ", opened=date(2020, 1, 31), days=("thứ hai",), stall=(Stall(fruit="ổi", seats=2),)
    )
    with pytest.raises(ValueError, match="frozen"):
        market.name = "other"


def test_arrays_become_tuples_at_every_depth(tmp_path):
    assert read_toml(write(tmp_path, "a = [[1, 2], [3]]\nb = [{ c = [4] }]\n")) == {
        "a": ((1, 2), (3,)),
        "b": ({"c": (4,)},),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "name: is missing"),
        ('name = ""', "name: is empty; write the market's name"),
        ("name = 5", "name: 5 is not text"),
        ('name = "A"\ncolour = "red"', "colour: is an unknown key; known are days, main, name, opened, stall"),
        ('name = "A"\n[main]\nfruit = "ổi"\ncolor = 1', "main: color: is an unknown key; known are fruit, seats, size"),
        ('name = "A"\n[[stall]]\nfruit = "ổi"\n[[stall]]\nseats = 2', "stall, entry 2: fruit: is missing"),
        ('name = "A"\n[[stall]]\nfruit = "ổi"\nx = 1', "stall, entry 1: x: is an unknown key; known are fruit"),
        ('name = "A"\n[main]\nfruit = "ổi"\nseats = true', "main: seats: True is not a whole number"),
        ('name = "A"\n[main]\nfruit = "ổi"\nseats = 10', "main: seats: 10 is too large; write at most 9"),
        ('name = "A"\n[main]\nfruit = "ổi"\nsize = "huge"', "main: size: 'huge' is not one of 'small' or 'large'"),
        ('name = "A"\ndays = "thứ hai"', "days: 'thứ hai' is not a list"),
        ('name = "A"\ndays = [1]', "days, entry 1: 1 is not text"),
        ('name = "A"\nmain = 1', "main: 1 is not a table"),
        ('name = "A"\nopened = "2020-01-31"', "opened: '2020-01-31' is not a day; write one such as 2024-01-31"),
        ('name = "A"\nopened = 2020-01-31T10:00:00', "is not a day"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path, text, told):
    path = write(tmp_path, text)
    with pytest.raises(StopFlow) as caught:
        read_seed_file(path, Market)
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)


def test_of_many_mistakes_the_first_are_listed():
    rows = tuple({"fruit": number} for number in range(5))
    with pytest.raises(StopFlow) as caught:
        check_seed({"name": "A", "stall": rows}, Market, where="market.toml")
    assert str(caught.value).count("is not text") == 3
    assert str(caught.value).endswith("; and 2 more")


def test_a_long_value_is_shown_in_part():
    with pytest.raises(StopFlow) as caught:
        check_seed({"name": "A", "days": "x" * 5_000}, Market, where="market.toml")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", None])
def test_a_file_that_is_no_toml_names_itself(tmp_path, content):
    path = tmp_path / "market.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StopFlow, match=r"market\.toml: "):
        read_seed_file(path, Market)


def test_a_csv_table_gives_a_dictionary_for_each_row(tmp_path):
    path = tmp_path / "stalls.csv"
    path.write_text("fruit,seats\nmận,3\n", "utf-8")
    assert read_csv(path, ["fruit"]) == [{"fruit": "mận", "seats": "3"}]


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (None, "cannot be read: No such file"),
        (b"fruit\n\xff\n", "is not a CSV table in UTF-8"),
        (b"seats\n3\n", "lacks the column 'fruit'; its first line must name it"),
        (b"", "lacks the column 'fruit'"),
    ],
)
def test_a_csv_table_that_is_not_as_asked_for_stops_the_flow(tmp_path, content, mistake):
    path = tmp_path / "stalls.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StopFlow, match=rf"stalls\.csv: {mistake}"):
        read_csv(path, ["fruit"])
