"""Asking a lake: the questions most people have, and whether its rows are sound. No Prefect here."""

import sys
from collections import Counter
from datetime import date, datetime
from itertools import islice
from typing import Literal, TypeAlias

from flows.cli.output.formats import Format
from flows.cli.output.messages import count, say
from flows.cli.output.quotes import print_quotes
from flows.cli.output.tables import print_rows
from flows.cli.output.terminal import unbroken_pipe
from flows.cli.output.times import read_as_of
from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake import QueryResult, check_batches, run_query

__all__ = ["show", "verify"]

_IRREGULAR = {"fetches": "fetch"}
"""The singular of tables whose plural is more than an s."""

Topic: TypeAlias = Literal["meetings", "quotes", "topics", "ledger"]

_PERSON = "contains(replace(strip_accents(lower({name})), 'đ', 'd'), replace(strip_accents(lower($person)), 'đ', 'd'))"
"""Whether a name holds another one, whatever their case and accents."""

# The text gives an instant, not a day: a day lasts from its first hour in the east to its last in the west.
_PUBLISHED = """
    ($since::DATE IS NULL OR published_at >= $since::TIMESTAMP AT TIME ZONE 'UTC' - INTERVAL 14 HOURS)
    AND ($until::DATE IS NULL OR published_at < $until::TIMESTAMP AT TIME ZONE 'UTC' + INTERVAL 36 HOURS)"""

_MEETINGS = f"""
SELECT
    CASE date_precision
        WHEN 'year' THEN strftime(date_start, '%Y')
        WHEN 'month' THEN strftime(date_start, '%Y-%m')
        ELSE nullif(concat_ws('/', date_start, nullif(date_end, date_start)), '')
    END AS date,
    status, format, array_to_string(who, ', ') AS who, nullif(concat_ws(', ', venue, city, country), '') AS "where",
    CASE duration_qualifier WHEN 'lt' THEN '<' WHEN 'approx' THEN '~' WHEN 'gt' THEN '>' ELSE '' END
        || duration_minutes AS minutes,
    occasion, outlet
FROM meetings_in_context
WHERE ($person IS NULL OR len(list_filter(who, lambda name: {_PERSON.format(name="name")})) > 0)
    AND ($until::DATE IS NULL OR date_start <= $until)
    AND ($since::DATE IS NULL OR $since <= coalesce(date_end, CASE date_precision
        WHEN 'year' THEN make_date(year(date_start), 12, 31)
        WHEN 'month' THEN last_day(date_start)
        ELSE date_start
    END))
ORDER BY date_start DESC NULLS LAST, published_at DESC NULLS LAST, article_id, meeting_id
LIMIT $limit"""  # noqa: S608  (only constants are pasted; what people give is bound)

_QUOTES = f"""
SELECT
    q.text AS words, coalesce(speaker, speaker_role) AS who, speaker_role AS role, q.kind, q.published_at AS published,
    q.outlet, concat_ws(', ', m.venue, m.city, m.country) AS place, q.sentence, q.url
FROM quotes_in_context AS q
LEFT JOIN (SELECT meeting_id, venue, city, country FROM meetings) AS m USING (meeting_id)
WHERE ($person IS NULL OR {_PERSON.format(name="speaker")}) AND {_PUBLISHED}
ORDER BY q.published_at DESC NULLS LAST, q.article_id, q.position
LIMIT $limit"""  # noqa: S608

_TOPICS = f"""
WITH concerned AS (
    SELECT article_id, meeting_id AS target_id FROM meetings_flat WHERE {_PERSON.format(name="name")}
    UNION SELECT article_id, quote_id FROM quotes WHERE {_PERSON.format(name="speaker")}
), targets AS (SELECT article_id AS target_id FROM concerned UNION SELECT target_id FROM concerned)
SELECT
    topic_id AS topic, label, label_vi, count(DISTINCT article_id) AS articles,
    count(DISTINCT target_id) FILTER (scope = 'meeting') AS meetings,
    count(DISTINCT target_id) FILTER (scope = 'quote') AS quotes, max(published_at) AS newest
FROM topics_in_context
WHERE ($person IS NULL OR target_id IN (FROM targets)) AND {_PUBLISHED}
GROUP BY topic_id, label, label_vi
ORDER BY articles DESC, sum(score) FILTER (scope = 'article') DESC NULLS LAST, topic_id
LIMIT $limit"""  # noqa: S608

_LEDGER = f"""
SELECT
    strftime(published_at, '%Y-%m-%d') AS published, said_by AS who, topic_id AS topic, met,
    nullif(concat_ws(', ', city, country), '') AS "where", outlet, words, url
FROM ledger
WHERE ($person IS NULL OR {_PERSON.format(name="said_by")}) AND {_PUBLISHED}
    AND ($topic IS NULL OR topic_id = lower($topic) OR contains(lower(concat_ws('; ', topic, topic_vi)), lower($topic)))
ORDER BY published_at DESC NULLS LAST, article_id, start, topic_score DESC, topic_id
LIMIT $limit"""  # noqa: S608

_QUESTIONS: dict[Topic, str] = {"meetings": _MEETINGS, "quotes": _QUOTES, "topics": _TOPICS, "ledger": _LEDGER}


def show(
    table: Topic,
    /,
    *,
    person: str | None = None,
    topic: str | None = None,
    since: date | None = None,
    until: date | None = None,
    lake: str = "lake",
    as_of: datetime | None = None,
    limit: int = 20,
    format: Format = "table",  # noqa: A002
) -> None:
    """Print the newest meetings or quotes, the commonest topics, or the ledger: who said what about which topic.

    Args:
        table: What to show.
        person: Part of a name; case and accents do not matter.
        topic: Of the ledger: a topic's id as `parley show topics` prints it, or part of its label.
        since: First day, such as 2026-03-01: of the meeting, or of publication for everything else.
        until: Last day.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        as_of: Show what was known at that time, such as 2026-03-05T12:00; UTC unless it says otherwise.
        limit: Most rows to show, from 1.
        format: How to print: a table for people, one JSON array of objects, or CSV (RFC 4180).
    """
    if limit < 1:
        raise StopFlow(f"--limit is {limit}; it must be 1 or more")
    if topic and table != "ledger":
        raise StopFlow(f"--topic goes with `parley show ledger`, not with {table}")
    wanted: dict[str, object] = {"person": person or None, "since": since, "until": until, "limit": limit + 1}
    if table == "ledger":
        wanted["topic"] = topic or None
    result = run_query(lake, _QUESTIONS[table], wanted, as_of=read_as_of(lake, as_of))
    assert result is not None
    rows = QueryResult(result.columns, islice(result.rows, limit))
    shown = print_quotes(rows) if table == "quotes" and format == "table" else print_rows(rows, format)
    if not shown:
        say(_nothing(table, lake, narrowed=any((person, topic, since, until))))
    elif next(result.rows, None) is not None:
        say(f"{count(shown, 'row')}; there are more: --limit {limit * 5}")
    else:
        say(count(shown, "row"))


def verify(*, lake: str = "lake") -> None:
    """Read every row again; fail if an offset is wrong or a row has no article.

    Prints each problem with its file, then how many rows were read.
    Exit code: 0 all well, 1 problems, 2 no lake.

    Args:
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
    """
    rows: Counter[str] = Counter(dict.fromkeys(reversed(TABLES), 0))
    problems = 0
    with unbroken_pipe():
        for report in check_batches(lake):
            rows.update(report.rows)
            problems += len(report.problems)
            sys.stdout.writelines(f"{problem}\n" for problem in report.problems)
        counts = ", ".join(
            count(number, _IRREGULAR.get(table, table.removesuffix("s"))) for table, number in rows.items()
        )
        sys.stdout.write(f"Read {counts}: {count(problems, 'problem') if problems else 'all well'}.\n")
    if problems:
        raise SystemExit(1)


def _nothing(table: Topic, lake: str, *, narrowed: bool) -> str:
    rows = "quotes" if table == "ledger" else table
    if narrowed:
        tip = 'part of a name, other dates, or `parley sql "SELECT name FROM people"` for the names there are'
        return f"No {rows} match. Try {tip}."
    return f"There are no {rows} in {lake}. Add articles with `parley ingest PATH… --lake {lake}`."
