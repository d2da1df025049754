"""Export a lake's tables as files. What it needs is imported when it runs, as for SQL."""

import json as json_lines
import sys
from datetime import date
from pathlib import Path
from typing import Literal

__all__ = ["export"]


def export(
    target: Path,
    /,
    *,
    format: Literal["csv", "jsonl", "parquet", "duckdb", "sqlite", "xlsx"],  # noqa: A002
    table: tuple[str, ...] = (),
    since: date | None = None,
    until: date | None = None,
    lake: str = "lake",
    force: bool = False,
    bom: bool = False,
    text: bool = True,
    memory: str | None = None,
    json: bool = False,
) -> None:
    """Write tables to files, one for each, or into one database or workbook.

    Args:
        target: Folder for the files; for duckdb, sqlite, xlsx, or for a single table (--table quotes quotes.csv), the
            file.
        format: Of the files; csv, sqlite and xlsx have nested columns as JSON.
        table: Tables or views; give it again for more of them. By default every table but pages.
        since: First day of publication, such as 2026-03-01.
        until: Last day.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        force: Replace files that are there.
        bom: Begin CSV with a byte order mark, so that Excel reads Vietnamese letters right.
        text: With --no-text, leave out the texts of whole articles, which belong to their outlets.
        memory: What writing may take before it goes on in temporary files, such as 2GB.
        json: Print the summary as JSON.
    """
    from rich.console import Console

    from tasks.lake import Export, Limits, export_lake

    wanted = Export(
        target=target, form=format, tables=table, since=since, until=until, force=force, bom=bom, texts=text
    )
    with Console(stderr=True).status("Opening the lake …") as status:  # only a terminal shows it
        rows = export_lake(lake, wanted, Limits(memory=memory), told=lambda name: status.update(f"Writing {name} …"))
    files = {name: str(path) for name, path in wanted.files().items()}
    if json:
        sys.stdout.write(json_lines.dumps({"rows": rows, "files": files}, ensure_ascii=False) + "\n")
        return
    width = max(map(len, rows))
    sys.stdout.writelines(f"{name:<{width}}  {count:>12,} rows  {files[name]}\n" for name, count in rows.items())
