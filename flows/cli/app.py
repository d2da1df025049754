"""The command line. Prefect is imported by ``ingest`` only: it takes seconds, and asking a question should not."""

import sys

from cyclopts import App, Parameter

from flows.cli.config import fill_flags
from flows.cli.ending import EndAtOnce, check_texts, run_to_exit_code
from flows.cli.output.terminal import prepare_streams
from flows.server.settings import keep_imports_safe
from schemas.version import parley_version

__all__ = ["app", "main"]

EXAMPLES = """Examples:

  parley ingest articles/                 read a folder into ./lake
  parley show meetings --person Lavrov    whom did he meet?
  parley show quotes --since 2024-01-01   who said what since then?
  parley show ledger --topic sanctions    who said what about it, and where?
  parley sql "SELECT * FROM topics"       any question, in DuckDB's SQL
  parley export out/ --format csv         all tables as files
  parley explain woodside.html            why is a row there, or is not?
  parley try "Ông Weber nói …"            how is a sentence read?
  parley verify                           does every row point at its words?
  parley maintain                         keep questions quick
  parley status                           how does it go?
  parley sources list                     which newspapers can be watched?
"""

app = App(
    name="parley",
    help="A ledger of diplomacy from the news: who met whom, who said what, and about what.",
    help_epilogue=EXAMPLES,
    help_format="plaintext",
    version=parley_version,
    config=fill_flags,
    suppress_keyboard_interrupt=False,  # we have something to say about it
    default_parameter=Parameter(negative_iterable=()),
)
INGEST = """Read articles into a lake: watched sources, links, files, folders and web archives.

parley ingest                                         every watched source, once

parley ingest --every 15m                             and again every quarter of an hour, until Ctrl-C

parley ingest --watch vnexpress --watch nhandan      these two (`parley sources list` names them all)

parley ingest https://example.org/news/1.html         one link

parley ingest articles/ crawl.warc.gz                 .txt, .html and .htm files, and WARC archives

NAME.json beside NAME.txt or NAME.html may give url, outlet, title, published_at and language; in folders, names
that begin with a dot or end in .tmp or .part are passed over as unfinished. A link that has an outcome is not asked
for again unless it is named here; reading the same files again changes nothing. The view `outcomes` says what
became of each. Exit code: 0 all well, 1 something was rejected and --strict is given, 2 wrong use.

--lake, --catalogue, --contact, --allow-host and --workers may also be given once for all, in the environment or in
a file .env: PARLEY_LAKE, PARLEY_CATALOGUE, PARLEY_CONTACT, PARLEY_ALLOWED_HOSTS, PARLEY_WORKERS.
"""
SHOW = """Show the newest meetings or quotes, the commonest topics, or the ledger: who said what about which topic.

Text shows the sentence that proves a row, its link, day and id; --brief shows one line for each row. What the filters
ask for must all hold.

parley show meetings --person Lavrov

parley show quotes --person "to lam" --since 2026-03-01 --until 2026-03-31

parley show meetings --country VN --status planned --brief

parley show quotes --with "biển đông" --lang vi

parley show ledger --topic sanctions --format csv
"""
SQL = """Run DuckDB SQL over a lake; without a query, read it from standard input, or prompt for it on a terminal.

The tables: articles, meetings, quotes, topics, rejects. For short questions: meetings_flat (one row per participant),
ledger (quotes with their meeting and topics), who_met_whom, quotes_by_person, topics_by_month; docs/tables.md has them
all. SQL only reads, and sees no file outside the lake. Times are in UTC. Exit code: 124 if a query took too long.

parley sql "SELECT speaker, count(*) FROM quotes GROUP BY ALL ORDER BY 2 DESC"

parley sql "DESCRIBE meetings"

parley sql --format csv < question.sql > answer.csv
"""
EXPORT = """Write tables to files: CSV, JSON lines or Parquet, one for each; or all to one DuckDB, SQLite or Excel file.

The rows are those that SQL sees. Files are written whole or not at all; nothing is replaced without --force. The texts
of the articles belong to their outlets: --no-text leaves them out, so that the rest can be shared.

parley export out/ --format csv --bom

parley export quotes.csv --format csv --table quotes --since 2026-03-01

parley export ledger.xlsx --format xlsx --no-text

parley export ledger.db --format sqlite

parley export ledger.duckdb --format duckdb --lake s3://bucket/lake
"""
EXPLAIN = """Print an article with its mentions, the rules that fired and the rows that came of it.

The article is read again with the rules of this version, so a row that a newer rule would make shows as well.

parley explain woodside.html --lake demo-lake

parley explain woodside.html --lake demo-lake --tokens
"""
TRY = """Print how a sentence is read: tokens with their classes, clauses, and what would be extracted and why.

For those who write rules: a pattern is written in the classes that this prints. No lake is needed.

parley try "Ông Weber nói rằng cầu đã mở."

parley try --language en --published 2024-06-08 "Jonas Weber met Petr Novák yesterday."
"""
VERIFY = """Read every row again; fail if an offset does not give its words, or a row has no article.

Prints each problem with its file, then how many rows were read. Exit code: 0 all well, 1 problems, 2 no lake.
"""
LIST_SOURCES = """Print the watched sources: id, name, kind, language, country, how many feeds and sitemaps, hosts.

`checked` is the last day on which somebody fetched the feeds, if anybody has. --catalogue reads a folder of your own.

parley sources list

parley sources list --catalogue my-sources --format json
"""

CHECK_SOURCES = """Ask the feeds and sitemaps of sources, and print what answers; no article is asked for.

For each source: how many feeds answer, what robots.txt says, how many links they name, the newest date, how long was
waited for its turn, and what is wrong. Exit code: 0 all answer, 1 some source does not, 2 wrong use.

parley sources check --contact https://example.org/about

parley sources check vnexpress nhandan
"""

MAINTAIN = """Put the files of a lake together, and delete what newer ones have replaced; quick questions need it.

Runs beside whatever writes and reads, and may be stopped anywhere. Only what counts now is kept: rows that an older
version of the rules made are gone once --grace hours have passed since they were replaced. Pages as they were received
stay for --pages-days.

parley maintain --dry-run

parley maintain --pages-days 30 --pages-mb 5000
"""
REEXTRACT = """Run the rules of this version over stored articles; their new rows supersede the old ones.

Takes the articles that another version of the rules read (all with --force); asks for no page again. May be stopped
anywhere: run again, it goes on. With --clean, texts are made anew of the pages that the lake has kept as they were
received; otherwise they stay as they are. `parley diff` shows what changed.

parley reextract --since 2026-01-01 --where "language = 'vi' AND outlet = 'TASS'"

parley reextract --clean --source vnexpress
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
UP = """Start a Prefect server on 127.0.0.1 that stays, for runs to report to; its pages show them.

`parley ingest` finds it by itself and begins seconds sooner than with a temporary one.
"""
DOWN = "End the Prefect server that `parley up` started; what it knows stays in its database."
STATUS = """Say how it goes: schedules, the last run, how fresh the rows are, who is silent, what needs a person.

Asks the Prefect server that PREFECT_API_URL names or `parley up` started, if there is one; the rest is in the lake.
Exit code: 0 all well, 1 something needs a person (it says what), 2 no lake.

parley status --json
"""

SERVE = """Keep schedules from one process: sources are read every quarter of an hour, the lake is maintained at night.

Runs can be started and stopped in the pages of Prefect, whose server is started unless there is one. Ctrl-C ends it.

parley serve
"""
CONFIG = """Print each setting of this machine, its value, and where the value comes from.

parley config

parley config --json
"""
COMPLETION = """Print a script that completes commands and options with the Tab key, for bash or zsh.

source <(parley completion bash)                              in ~/.bashrc

parley completion zsh > ~/.zfunc/_parley                      with fpath+=~/.zfunc in ~/.zshrc
"""

# Named, not imported: a command costs only what it needs, and their list must show what each is for all the same.
# The examples below the list are of all commands; the help of one has its own, and no epilogue.
app.command("flows.cli.ingest:ingest", help=INGEST, help_epilogue="")
app.command("flows.cli.show:show", help=SHOW, help_epilogue="")
app.command("flows.cli.sql:sql", help=SQL, help_epilogue="")
app.command("flows.cli.export:export", help=EXPORT, help_epilogue="")
app.command("flows.cli.explain:explain", help=EXPLAIN, help_epilogue="")
app.command("flows.cli.try_text:try_text", name="try", help=TRY, help_epilogue="")
app.command("flows.cli.verify:verify", help=VERIFY, help_epilogue="")
app.command("flows.cli.maintain:maintain", help=MAINTAIN, help_epilogue="")
app.command("flows.cli.repair:repair", help=REPAIR, help_epilogue="")
app.command("flows.cli.reextract:reextract", help=REEXTRACT, help_epilogue="")
app.command("flows.cli.diff:diff", help=DIFF, help_epilogue="")
app.command("flows.cli.server:up", help=UP, help_epilogue="")
app.command("flows.cli.server:down", help=DOWN, help_epilogue="")
app.command("flows.cli.status:status", help=STATUS, help_epilogue="")
app.command("flows.cli.serve:serve", help=SERVE, help_epilogue="")
app.command("flows.cli.config:config", help=CONFIG, help_epilogue="")
app.command("flows.cli.completion:completion", help=COMPLETION, help_epilogue="")

sources = App(name="sources", help="The newspapers that Parley can watch.", help_format="plaintext", help_epilogue="")
sources.command("flows.cli.sources:list_sources", name="list", help=LIST_SOURCES, help_epilogue="")
sources.command("flows.cli.sources:check_sources", name="check", help=CHECK_SOURCES, help_epilogue="")
app.command(sources)


def main() -> None:
    """Run the command line and exit: 0 all well, 1 a check failed, 2 wrong use, 124 out of time, 130 Ctrl-C."""
    prepare_streams()
    keep_imports_safe()
    try:
        code = _exit_code(sys.argv[1:])
    except EndAtOnce as end:
        end.leave()
    sys.exit(code)


def _exit_code(arguments: list[str]) -> int:
    def call() -> object:
        check_texts(arguments)
        return app(arguments, exit_on_error=False, result_action="return_value")

    return run_to_exit_code(call)


if __name__ == "__main__":
    main()
