import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree

import pytest

from schemas.errors import StopFlow
from tasks.lake.query import xlsx_file
from tasks.lake.query.xlsx_file import Workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _write(path: Path, rows: Sequence[Sequence[object]]) -> list[ElementTree.Element]:
    """Write rows and return the cells of the first of them."""
    with Workbook(path) as workbook:
        assert workbook.write_sheet("table", [f"c{n}" for n in range(len(rows[0]))], rows) == len(rows)
    with zipfile.ZipFile(path) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    return list(list(sheet.iter(f"{MAIN}row"))[1])


def _text(cell: ElementTree.Element) -> str:
    return "".join(cell.itertext())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tô Lâm & <José>", "Tô Lâm & <José>"),
        ("=1+1", "=1+1"),
        ("  two\nlines\t", "  two\nlines\t"),
        ("a\r\nb", "a\r\nb"),
        ("a\x00\x1b\ud800b", "a   b"),
        ("é" * 40_000, "é" * 32_767),
        ("🤝" * 20_000, "🤝" * 16_383),
    ],
)
def test_texts_are_texts(tmp_path: Path, text: str, shown: str) -> None:
    (cell,) = _write(tmp_path / "a.xlsx", [(text,)])
    assert (cell.get("t"), _text(cell)) == ("inlineStr", shown)


def test_days_and_times_are_numbers_of_days(tmp_path: Path) -> None:
    hanoi = timezone(timedelta(hours=7))
    moments = (date(1900, 3, 1), date(2024, 6, 20), datetime(2024, 6, 19, 18, tzinfo=UTC))
    cells = _write(tmp_path / "a.xlsx", [(*moments, datetime(2024, 6, 20, 1, tzinfo=hanoi))])
    assert [_text(cell) for cell in cells] == ["61", "45463", "45462.75", "45462.75"]
    assert [cell.get("s") for cell in cells] == ["1", "1", "2", "2"]


def test_numbers_truths_and_nothing(tmp_path: Path) -> None:
    cells = _write(tmp_path / "a.xlsx", [(7, 0.5, True, None)])
    assert [(cell.get("t"), _text(cell)) for cell in cells] == [(None, "7"), (None, "0.5"), ("b", "1"), (None, "")]


def test_more_rows_than_excel_opens_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "_MOST_ROWS", 3)
    _write(tmp_path / "a.xlsx", [(1,), (2,)])
    with pytest.raises(StopFlow, match="table has more rows than Excel opens"):
        _write(tmp_path / "b.xlsx", [(1,), (2,), (3,)])


def test_every_part_is_xml_and_named_in_the_list_of_types(tmp_path: Path) -> None:
    with Workbook(tmp_path / "a.xlsx") as workbook:
        workbook.write_sheet("one & two", ["a"], [])
        workbook.write_sheet("three", ["b"], [("x",)])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        trees = {name: ElementTree.fromstring(parts.read(name)) for name in parts.namelist()}
    listed = {part.get("PartName") for part in trees["[Content_Types].xml"] if part.get("PartName")}
    assert listed == {f"/{name}" for name in trees if name.startswith("xl/") and not name.endswith(".rels")}
    names = [sheet.get("name") for sheet in trees["xl/workbook.xml"].iter(f"{MAIN}sheet")]
    assert names == ["one & two", "three"]
