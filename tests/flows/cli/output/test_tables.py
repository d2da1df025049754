"""How rows are printed: into a pipe, and on a terminal, whose width pytest plays."""

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows.cli.output.formats import Format
from flows.cli.output.tables import print_rows
from tasks.lake import QueryResult

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Screen = Callable[..., list[str]]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Prints rows on a terminal of 80 columns and gives its lines without colours."""

    def show(columns: tuple[str, ...], row: tuple[object, ...], form: Format = "table", **options: Any) -> list[str]:
        for name, value in (("COLUMNS", "80"), ("TERM", "xterm"), ("NO_COLOR", "1")):
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdout", terminal := _Terminal())
        assert print_rows(QueryResult(columns, iter([row])), form, **options) == 1
        return re.sub(r"\x1b\[\d*m", "", terminal.getvalue()).split("\n")

    return show


def test_a_pipe_gets_rows_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    written: list[int] = []

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(3_000):
            written.append(out.tell())
            yield (number, "hòa bình")

    monkeypatch.setattr(sys, "stdout", out)
    assert print_rows(QueryResult(("n", "words"), rows()), "table") == 3_000
    assert written[999] == 0  # the first thousand say how wide the columns are
    assert 0 < written[1_001] < written[2_999] < out.tell()


def test_columns_stand_below_each_other_and_a_wider_late_cell_pushes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    cells = [("東京", 1), ("Hà Nội", 22), *(("x", 3) for _ in range(1_000)), ("a much wider cell", 4)]
    print_rows(QueryResult(("city", "n"), iter(cells)), "table")
    head, rule, *lines = out.getvalue().splitlines()
    assert (head, rule, lines[:2]) == ("city    n", "─" * 10, ["東京    1", "Hà Nội  22"])
    assert lines[-1] == "a much wider cell  4"


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_no_control_character_reaches_a_terminal(screen: Screen, form: Format) -> None:
    shown = "".join(screen(("title",), ("a\x1b]0;b\x07\x9b31m\u202ec\x7f",), form))
    assert "31m" in shown
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", shown)


def test_a_pipe_gets_csv_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    print_rows(QueryResult(("title",), iter([("a\x1bb",)])), "csv")
    assert out.getvalue() == "title\r\na\x1bb\r\n"


def test_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    assert print_rows(QueryResult(("n", "title"), iter([(1, "Đ"), (2, "\x9b")])), "jsonl") == 2
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"n": 1, "title": "Đ"},
        {"n": 2, "title": "\x9b"},
    ]
    assert "\x9b" not in out.getvalue()


def test_times_are_told_in_a_zone_and_days_stay_days(monkeypatch: pytest.MonkeyPatch) -> None:
    row = (datetime(2024, 6, 19, 17, tzinfo=UTC), date(2024, 6, 20), datetime(2024, 6, 19, 17))  # noqa: DTZ001
    for form, text in (("table", "2024-06-20 00:00+07:00"), ("csv", "2024-06-20T00:00:00+07:00")):
        monkeypatch.setattr(sys, "stdout", out := io.StringIO())
        print_rows(QueryResult(("at", "on", "local"), iter([row])), form, zone=HANOI)  # type: ignore[arg-type]
        assert text in out.getvalue()
        assert "2024-06-20" in out.getvalue().replace(text, "")
        assert re.search(r"2024-06-19.17:00", out.getvalue())


def test_dates_are_not_split(screen: Screen) -> None:
    dates = ("2026-03-05/2026-03-07", "2025-05-12 13:20Z")
    lines = screen(("from", "at", "words"), (*dates, "hòa bình " * 20))
    assert lines[0].split() == ["from", "at", "words"]
    assert all(one in lines[2] for one in dates)
    assert max(map(len, lines)) <= 80


def test_what_does_not_fit_is_printed_one_cell_below_the_other(screen: Screen) -> None:
    columns = ("date", "id", "until", "other id")
    lines = screen(columns, ("2026-03-05", "x" * 30, "2026-03-05", "y" * 40))
    assert lines[0].startswith("row 1 ")
    assert [re.split("  +", line.strip())[0] for line in lines[1:5]] == list(columns)


def test_an_optional_column_goes_before_the_table_does(screen: Screen) -> None:
    columns = ("topic", "label", "oldest", "newest")
    row = ("a-comprehensive-strategic-partnership", "a-very-long-slug-of-a-label-here", "2026-03-05", "2026-03-05")
    assert screen(columns, row, optional=("label",))[0].split() == ["topic", "oldest", "newest"]
    assert screen(columns, ("peace", "Peace", "2026-03-05", "2026-03-05"), optional=("label",))[0].split() == list(
        columns
    )


@pytest.mark.parametrize("columns", [3, 30])
def test_a_table_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(sys, "stdout", _Terminal())
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    names = tuple(f"column{n}" for n in range(columns))
    assert print_rows(QueryResult(names, iter([("hòa bình " * 9,) * columns])), "table") == 1
    out = re.sub(r"\x1b\[\d*m", "", sys.stdout.getvalue())  # type: ignore[attr-defined]
    assert max(map(len, out.splitlines())) <= 60
    assert out.replace("\n", " ").count("hòa") == 9 * columns


def test_a_terminal_gets_the_first_thousand_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", _Terminal())
    assert print_rows(QueryResult(("n",), ((n,) for n in range(1_001))), "table") == 1_000
    assert "first 1,000 rows" in capsys.readouterr().err
