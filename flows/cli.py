"""The command line. Prefect is imported by ``ingest`` only: it takes seconds, and asking a question should not."""

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter, validators

from flows.version import parley_version
from schemas.errors import QueryTimeout, StopFlow
from schemas.settings import IngestSettings

__all__ = ["app", "main"]

EXAMPLES = """Examples:

  parley ingest articles/                 read a folder into ./lake
  parley show meetings --person Lavrov    whom did he meet?
  parley show quotes --since 2024-01-01   who said what since then?
  parley show ledger --topic sanctions    who said what about it, and where?
  parley sql "SELECT * FROM topics"       any question, in DuckDB's SQL
  parley export out/ --format csv         all tables as files
  parley explain woodside.html            why is a row there, or is not?
  parley verify                           does every row point at its words?
  parley maintain                         keep questions quick
"""

app = App(
    name="parley",
    help="A ledger of diplomacy from the news: who met whom, who said what, and about what.",
    help_epilogue=EXAMPLES,
    help_format="plaintext",
    version=parley_version,
    suppress_keyboard_interrupt=False,  # we have something to say about it
)
SHOW = """Show the newest meetings or quotes, or the commonest topics, without SQL.

parley show meetings --person Lavrov

parley show quotes --person "to lam" --since 2026-03-01 --until 2026-03-31
"""
SQL = """Run DuckDB SQL over a lake; without a query, read it from standard input, or prompt for it on a terminal.

The tables: articles, meetings, quotes, topics, rejects. For short questions: meetings_flat (one row per participant),
ledger (quotes with their meeting and topics), who_met_whom, quotes_by_person, topics_by_month; docs/tables.md has them
all. SQL only reads, and sees no file outside the lake. Times are in UTC. Exit code: 124 if a query took too long.

parley sql "SELECT speaker, count(*) FROM quotes GROUP BY ALL ORDER BY 2 DESC"

parley sql "DESCRIBE meetings"

parley sql --format csv < question.sql > answer.csv
"""
EXPORT = """Write tables to files: CSV, JSON lines or Parquet, one for each, or one DuckDB database with all of them.

The rows are those that SQL sees. Files are written whole or not at all; nothing is replaced without --force.

parley export out/ --format csv

parley export quotes.csv --format csv --table quotes --since 2026-03-01

parley export ledger.duckdb --format duckdb --lake s3://bucket/lake
"""
EXPLAIN = """Print an article with its mentions, the rules that fired and the rows that came of it.

The article is read again with the rules of this version, so a row that a newer rule would make shows as well.

parley explain woodside.html --lake demo-lake
"""
VERIFY = """Read every row again; fail if an offset does not give its words, or a row has no article.

Prints each problem with its file, then how many rows were read. Exit code: 0 all well, 1 problems, 2 no lake.
"""

MAINTAIN = """Put the files of a lake together, and delete what newer ones have replaced; quick questions need it.

Runs beside whatever writes and reads, and may be stopped anywhere. Only what counts now is kept: rows that an older
version of the rules made are gone once --grace hours have passed since they were replaced.

parley maintain --dry-run
"""
REEXTRACT = """Run the rules of this version over stored articles; their new rows supersede the old ones.

Takes the articles that another version of the rules read (all with --force); reads no page again. May be stopped
anywhere: run again, it goes on. `parley diff` shows what changed.

parley reextract --since 2026-01-01 --where "language = 'vi' AND outlet = 'TASS'"
"""

DIFF = """Show what a newer version of the rules gained, lost and changed; without versions, list those there are.

Superseded rows are there until `parley maintain` deletes them: compare first. Only articles that both have read count.

parley diff 0.1.0+3f9ac01b current

parley diff 2026-03-05T12:00 current --json
"""
REPAIR = """Move broken and foreign files out of the way, and say what was in them and how to make it again.

One broken file stops every question that needs it. Files go to the folder `broken` of the lake; nothing is deleted.

parley repair --dry-run
"""

# Named, not imported: a command costs only what it needs, and their list must show what each is for all the same.
app.command("flows.query:show", help=SHOW)
app.command("flows.sql:sql", help=SQL)
app.command("flows.export:export", help=EXPORT)
app.command("flows.explain:explain", help=EXPLAIN)
app.command("flows.query:verify", help=VERIFY)
app.command("flows.upkeep:maintain", help=MAINTAIN)
app.command("flows.upkeep:repair", help=REPAIR)
app.command("flows.reextraction:reextract", help=REEXTRACT)
app.command("flows.versions:diff", help=DIFF)

Count = Annotated[int, Parameter(validator=validators.Number(gte=1))]


@app.command
def ingest(
    *paths: Annotated[Path, Parameter(required=True)],
    lake: str = "lake",
    source: str | None = None,
    workers: Count | None = None,
    batch_size: Count = 50,
    strict: bool = False,
    json: bool = False,
    verbose: bool = False,
) -> int:
    """Read articles into a lake: files and folders of .txt, .html and .htm.

    NAME.json beside NAME.txt or NAME.html may give url, outlet, title, published_at and language. Reading the same
    files again changes nothing. Exit code: 0 all well, 1 something was rejected and --strict is given, 2 wrong use.

    Parameters
    ----------
    paths
        Files and folders, read in this order.
    lake
        Folder of the tables, or s3://BUCKET/PREFIX; made where there is none.
    source
        Name of the source in the table `articles`; by default the name of the first folder.
    workers
        Processes that clean and extract; by default one per processor.
    batch_size
        Articles in one batch; 50 to 200 are sensible.
    strict
        Exit with 1 if anything was rejected.
    json
        Print the summary as JSON.
    verbose
        Show Prefect's log lines.
    """
    from flows.command import run_ingest
    from flows.console import print_summary

    settings = IngestSettings(workers=workers or os.cpu_count() or 1, batch_size=batch_size)
    summary = run_ingest(paths, lake=lake, source=source, settings=settings, quiet=json, verbose=verbose)
    print_summary(summary, as_json=json)
    return 1 if strict and summary.rejected else 0


def main() -> None:
    """Run the command line and exit: 0 all well, 1 a check failed, 2 wrong use, 124 out of time, 130 Ctrl-C."""
    sys.exit(_exit_code(sys.argv[1:]))


def _exit_code(arguments: list[str]) -> int:
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        return 2  # Cyclopts has said what is wrong
    except QueryTimeout as timeout:
        sys.stderr.write(f"parley: {timeout}\n")
        return 124  # as `timeout` of coreutils has it
    except StopFlow as stop:
        sys.stderr.write(f"parley: {stop}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. What was written stays; run the same command again to go on.\n")
        return 130
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
