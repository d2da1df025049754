"""Write rows as a workbook for Excel and LibreOffice (Office Open XML), row by row.

A workbook is a zip file of XML: ECMA-376, part 1, section 18 (SpreadsheetML). Only what a table needs is written here:
one sheet for each table, texts in their cells, days and times as numbers with a format.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape, quoteattr

from schemas.errors import StopFlow

__all__ = ["Workbook"]

_MOST_ROWS = 1_048_576
"""Rows of a sheet that Excel opens, with the row of headings."""
_MOST_LETTERS = 32_767
"""UTF-16 code units of a cell that Excel opens."""
_FIRST_DAY = date(1899, 12, 30)
"""Day 0 of Excel's calendar."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DAY_STYLE, _TIME_STYLE, _HEAD_STYLE = 1, 2, 3
"""Places in the list ``cellXfs`` of the styles below."""

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PLAIN = 'fillId="0" borderId="0" xfId="0"'
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="4"><xf numFmtId="0" fontId="0" {_PLAIN}/>
<xf numFmtId="164" fontId="0" {_PLAIN} applyNumberFormat="1"/>
<xf numFmtId="165" fontId="0" {_PLAIN} applyNumberFormat="1"/>
<xf numFmtId="0" fontId="1" {_PLAIN} applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


class Workbook:
    """A workbook that is being written; used in a ``with`` statement, at whose end the file is complete."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._sheets: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._zip:
            if error is None:
                self._write_index()

    def write_sheet(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Write a table as the next sheet.

        Args:
            name: Of the sheet, at most 31 letters.
            columns: Headings of the columns.
            rows: Texts, numbers, truths, days, times and None; a text that is too long for Excel is cut.

        Returns:
            The number of rows.

        Raises:
            StopFlow: There are more rows than a sheet can hold.
        """
        self._sheets.append(name)
        count = 0
        with self._zip.open(f"xl/worksheets/sheet{len(self._sheets)}.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}">'.encode())
            sheet.write(b'<sheetViews><sheetView workbookViewId="0">')
            sheet.write(b'<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>')
            sheet.write(b"</sheetView></sheetViews><sheetData>")
            sheet.write(_make_row([_text_cell(column, _HEAD_STYLE) for column in columns]))
            for count, row in enumerate(rows, 1):
                if count >= _MOST_ROWS:
                    raise StopFlow(
                        f"{name} has more rows than Excel opens ({_MOST_ROWS:,}); ask for fewer days, or use csv"
                    )
                sheet.write(_make_row(map(_make_cell, row)))
            sheet.write(b"</sheetData></worksheet>")
        return count

    def _write_index(self) -> None:
        """Write the parts that say which sheets there are; a workbook without one is not opened."""
        for name, content in _index_parts(self._sheets):
            self._zip.writestr(name, content)


def _index_parts(sheets: Sequence[str]) -> Iterator[tuple[str, str]]:
    numbered = list(enumerate(sheets, 1))
    yield "[Content_Types].xml", _content_types(len(sheets))
    document = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    yield "_rels/.rels", _relationships(document)
    listed = (
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'  # quoteattr puts the marks
        for number, name in numbered
    )
    workbook = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{"".join(listed)}</sheets></workbook>'
    yield "xl/workbook.xml", _XML + workbook
    related = [
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number, _ in numbered
    ]
    styles = f'<Relationship Id="rId{len(sheets) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    yield "xl/_rels/workbook.xml.rels", _relationships("".join([*related, styles]))
    yield "xl/styles.xml", _STYLES


def _content_types(sheets: int) -> str:
    parts = [("workbook.xml", "sheet.main"), ("styles.xml", "styles")]
    parts += [(f"worksheets/sheet{number + 1}.xml", "worksheet") for number in range(sheets)]
    listed = (f'<Override PartName="/xl/{part}" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in parts)
    links = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{links}{"".join(listed)}</Types>'


def _relationships(inner: str) -> str:
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _make_row(cells: Iterable[str]) -> bytes:
    return f"<row>{''.join(cells)}</row>".encode()


def _make_cell(value: object) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return f'<c s="{_TIME_STYLE}"><v>{_count_days(moment.date()) + seconds / 86_400!r}</v></c>'
    if isinstance(value, date):
        return f'<c s="{_DAY_STYLE}"><v>{_count_days(value)}</v></c>'
    return _text_cell(str(value))


def _text_cell(text: str, style: int = 0) -> str:
    """Return a cell with its text in it; Excel takes no text that begins with = for a formula there."""
    plain = escape(_NOT_IN_XML.sub(" ", _cut_text(text))).replace("\r", "&#13;")
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{plain}</t></is></c>'


def _cut_text(text: str) -> str:
    """Cut a text after as many UTF-16 code units as a cell holds."""
    if len(text) * 2 <= _MOST_LETTERS:
        return text
    units = text.encode("utf-16-le", "replace")[: _MOST_LETTERS * 2]
    return units.decode("utf-16-le", "ignore")


def _count_days(day: date) -> int:
    return (day - _FIRST_DAY).days
