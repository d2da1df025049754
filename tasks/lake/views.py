"""The views of a lake, as SQL: the one rule of what counts, and what makes everyday questions short."""

from string import Template

import pyarrow as pa

from schemas.columns import former_names
from schemas.tables import TABLES

__all__ = [
    "INDEX",
    "PARTLY_COUNTING",
    "about_views",
    "counting_articles",
    "current_articles",
    "escape_glob",
    "everyday_views",
    "indexed_articles",
    "moved_sql",
    "newest_fetches",
    "newest_rejects",
    "quote_text",
    "views_sql",
    "whole_files_sql",
]

_HEAD = Template("""\
-- The views of this Parley lake: `duckdb -init views.sql` from any folder.
-- Written by Parley, and again whenever it opens a lake that was moved; changes are lost.
--
-- A session sees the lake as it was when this was read, whole batches only; `.read views.sql` shows what came since.
-- What was known earlier: SET VARIABLE parley_as_of = TIMESTAMPTZ '2026-03-05 12:00:00+07'; and read this again.
SET VARIABLE parley_lake = $lake;
CREATE SCHEMA IF NOT EXISTS parley;
CREATE OR REPLACE TABLE parley.superseded (article_id VARCHAR, batch_id VARCHAR);

-- The views are made on files without rows, so that this is quick on any lake; the last lines let the rows in.
SET VARIABLE parley_stored = [getvariable('parley_lake') || '/articles/empty/columns.parquet'];
""")

_NO_ROWS = Template("""\
SET VARIABLE parley_$table = [getvariable('parley_lake') || '/$table/empty/columns.parquet'];
""")

# A batch publishes its articles last, and who deletes one begins with them: so articles are listed first and read after
# all others are listed. A batch whose articles are seen then has all of its files in the lists.
_LIST = Template("""\
SET VARIABLE parley_$variable =
    (SELECT list(file ORDER BY file) FROM glob(getvariable('parley_lake') || '/$table/*/*.parquet'));
""")

_FOUND = Template("""\
SET VARIABLE parley_$variable =
    (SELECT list(regexp_replace(file, '[*?[]', '[\\0]', 'g')) FROM unnest(getvariable('parley_$variable')) AS _(file));
""")

_STORED = Template("""
-- Which articles the files hold. Of most of them the index tells: a note of what they say, so that not each needs to be
-- opened. Without it, this only takes longer.
SET VARIABLE parley_index = (
    SELECT coalesce(
        regexp_replace(max(file), '[*?[]', '[\\0]', 'g'),
        getvariable('parley_lake') || '/articles/empty/columns.parquet'
    )
    FROM glob(getvariable('parley_lake') || '/index/articles/*.parquet')
);
SET VARIABLE parley_unread = (
    SELECT list(file)  -- never none: the file without rows is among them
    FROM unnest(getvariable('parley_stored')) AS _(file)
    ANTI JOIN (SELECT DISTINCT batch_id FROM $index) ON batch_id = parse_filename(file, true)
);
CREATE OR REPLACE TABLE parley.stored AS
$rows;
""")

_ROWS = Template("""\
SELECT $columns
FROM $index
SEMI JOIN (
    SELECT parse_filename(file, true) AS batch_id FROM unnest(getvariable('parley_stored')) AS _(file)
) USING (batch_id)
UNION ALL
SELECT $columns
FROM $unread""")

# Most articles are stored once, and only of the others one has to find the newest: that is quick.
_SUPERSEDED = Template("""
-- What does not count: of each article all but its newest batch, and what was extracted after the time in question.
CREATE OR REPLACE TABLE parley.superseded AS
WITH stored AS (SELECT *, $known AS known FROM parley.stored)
SELECT article_id, batch_id
FROM stored
SEMI JOIN (SELECT article_id FROM stored WHERE known GROUP BY article_id HAVING count(*) > 1) USING (article_id)
WHERE known
QUALIFY batch_id <> first_value(batch_id) OVER (PARTITION BY article_id ORDER BY ($rank) DESC)
UNION ALL
SELECT article_id, batch_id FROM stored WHERE NOT known;

-- Files without a row that counts are not even opened.
CREATE OR REPLACE TABLE parley.counting AS
SELECT DISTINCT batch_id FROM parley.stored ANTI JOIN parley.superseded USING (article_id, batch_id)
UNION ALL VALUES ('columns');
DROP TABLE parley.stored;
""")

_COUNTING = Template("""\
SET VARIABLE parley_$table = (
    SELECT list(file) FROM unnest(getvariable('parley_$table')) AS _(file)
    SEMI JOIN parley.counting ON batch_id = parse_filename(file, true)
);
""")

_FILES = Template("read_parquet(getvariable('parley_$variable'), union_by_name = true, hive_partitioning = false)")

# For columns that files of all versions have: without `union_by_name` files are opened one after the other, not all at
# once, which for ten thousand small ones is a gigabyte and most of the time.
_SAME_COLUMNS = Template("read_parquet(getvariable('$variable'), hive_partitioning = false)")

_AS_OF = "coalesce(getvariable('parley_as_of')::TIMESTAMPTZ, 'infinity')"

_RANK = "fetched_at, extracted_at, written_at, batch_id"

_CURRENT = Template("""\
SELECT article_id, arg_max(batch_id, ($rank)) AS batch_id
FROM $articles
GROUP BY article_id""")

_VISIBLE = Template("""\
SELECT $columns
FROM $rows
ANTI JOIN parley.superseded USING (article_id, batch_id)""")

_NEWEST = Template("""\
SELECT $columns
FROM $rows
WHERE "at" <= $as_of
QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id DESC) = 1""")

_NEWEST_FETCHES = Template("""\
SELECT $columns
FROM $rows
WHERE "at" <= $as_of
QUALIFY row_number() OVER (PARTITION BY input, state ORDER BY "at" DESC, batch_id DESC) = 1""")

_REJECTS = Template("""\
SELECT $columns
FROM (
    SELECT * FROM $rejects
    WHERE "at" <= $as_of
    QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id DESC) = 1
) AS newest
ANTI JOIN (SELECT input, extracted_at FROM $articles) AS stored
    ON stored.input = newest.input AND stored.extracted_at > newest."at" """)

INDEX = pa.schema([TABLES["articles"].field(name) for name in ("article_id", "batch_id", *_RANK.split(", ")[:-1])])
"""What decides which rows count."""

PARTLY_COUNTING = "FROM parley.superseded SEMI JOIN parley.counting USING (batch_id) LIMIT 1"
"""SQL that finds something if a file is read of which some rows count and others do not."""

_EVERYDAY = {
    # What happened to an input last is its state. That its page was fetched is none: if the run died before it was
    # stored, the link is still to be tried.
    "outcomes": """\
WITH happened AS (
    SELECT input, 'stored' AS state, NULL AS code, NULL AS message, extracted_at AS "at" FROM articles
    UNION ALL
    SELECT input, if(code = 'duplicate', 'duplicate', 'rejected'), code, message, "at" FROM rejects
    UNION ALL
    SELECT input, state, code, message, "at" FROM fetches
    WHERE kind = 'article' AND state IN ('unchanged', 'later')
), newest AS (
    FROM happened QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, state) = 1
)
SELECT
    input, o.state, o.code, o.message, o."at", a.article_id, coalesce(f.source, a.source) AS source, f.found_in,
    coalesce(f.url, a.url) AS url, f.status, f.robots, f.requests, f.waited_seconds, f.wire_bytes, f.attempt,
    CASE o.state WHEN 'later' THEN f.retry_at END AS retry_at
FROM newest AS o
LEFT JOIN (
    FROM fetches WHERE kind = 'article' QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id) = 1
) AS f USING (input)
LEFT JOIN (
    SELECT input, arg_max(article_id, extracted_at) AS article_id, any_value(source) AS source, any_value(url) AS url
    FROM articles
    GROUP BY input
) AS a USING (input)""",
    "meetings_flat": """\
SELECT
    meeting_id, article_id, party.name, party.person_id, party.role, party.organization,
    party.country AS participant_country, party.start AS participant_start, party."end" AS participant_end,
    date_start, date_end, date_precision, date_text, city, country, venue, occasion, sideline, format, status,
    duration_minutes, duration_qualifier, first_since, outlet, url, published_at, certainty, rule, extractor, batch_id
FROM (SELECT *, unnest(participants) AS party FROM meetings)
JOIN (SELECT article_id, outlet, url, published_at, extractor FROM articles) USING (article_id)""",
    "meetings_in_context": """\
SELECT
    meeting_id, article_id, date_start, date_end, date_precision, date_text, status, format,
    list_transform(participants, lambda party: coalesce(party.name, party.role, party.organization, party.country))
        AS who,
    city, country, venue, occasion, sideline, duration_minutes, duration_qualifier,
    text[m.start + 1 : m."end"] AS sentence, title, outlet, url, published_at, certainty, rule, extractor,
    batch_id
FROM meetings AS m
JOIN (SELECT article_id, text, title, outlet, url, published_at, extractor FROM articles) USING (article_id)""",
    # The sentence: back to the last full stop before the words and on to the next one after them, at most
    # to the ends of their paragraph.
    "quotes_in_context": r"""
SELECT
    quote_id, article_id, kind, q.text, speaker, speaker_id, speaker_role, speaker_country, speaker_kind, cue,
    addressee, meeting_id, is_translation, q.start AS position,
    trim(regexp_extract(string_split(a.text[1 : q.start], chr(10))[-1], '(?:.*[.!?…]["”»]*\s)?(.*)$', 1)
        || a.text[q.start + 1 : q."end"]
        || regexp_extract(string_split(a.text[q."end" + 1 :], chr(10))[1], '^(?:.*?[.!?…]+["”»]*(?:\s|$)|.*)'))
        AS sentence,
    title, outlet, url, published_at, certainty, rule, extractor, batch_id
FROM quotes AS q
JOIN (SELECT article_id, text, title, outlet, url, published_at, extractor FROM articles) AS a USING (article_id)""",
    "topics_in_context": """\
SELECT
    topic_id, label, label_vi, iptc, plover, scope, target_id, score, article_id, title, outlet, url, published_at,
    rule, extractor, batch_id
FROM topics
JOIN (SELECT article_id, title, outlet, url, published_at, extractor FROM articles) USING (article_id)""",
    "people": """\
SELECT
    coalesce(person_id, name) AS person, any_value(name) AS name, any_value(country) AS country,
    count(DISTINCT meeting_id) AS meetings, count(DISTINCT quote_id) AS quotes,
    min(published_at) AS first_published_at, max(published_at) AS last_published_at
FROM (
    SELECT person_id, name, participant_country AS country, meeting_id, NULL AS quote_id, published_at
    FROM meetings_flat
    WHERE name IS NOT NULL
    UNION ALL
    SELECT speaker_id, speaker, speaker_country, NULL, quote_id, published_at
    FROM quotes_in_context
    WHERE speaker_kind = 'person' AND speaker IS NOT NULL
)
GROUP BY person""",
    # A row of the table `topics` with scope `quote` is one topic of one quote; a quote without a topic keeps its row.
    # Who met is put together last, of the rows that are asked for.
    "ledger": """\
SELECT
    q.speaker AS said_by, q.speaker_role AS role, q.speaker_country, q.text AS words, q.kind, t.topic_id,
    t.label AS topic, t.label_vi AS topic_vi, t.score AS topic_score, array_to_string(list_transform(
        m.participants, lambda party: coalesce(party.name, party.role, party.organization, party.country)
    ), ', ') AS met, m.date_start AS date, m.date_precision, m.city, m.country, m.occasion, a.outlet, a.url, a.title,
    a.published_at, q.speaker_id, q.certainty, q.article_id, q.quote_id, q.meeting_id, q.start, a.extractor, q.batch_id
FROM quotes AS q
JOIN (SELECT article_id, outlet, url, title, published_at, extractor FROM articles) AS a USING (article_id)
LEFT JOIN (SELECT article_id, target_id, topic_id, label, label_vi, score FROM topics WHERE scope = 'quote') AS t
    ON t.article_id = q.article_id AND t.target_id = q.quote_id
LEFT JOIN (
    SELECT article_id, meeting_id, participants, date_start, date_precision, city, country, occasion FROM meetings
) AS m ON m.article_id = q.article_id AND m.meeting_id = q.meeting_id""",
    # A pair stands once, in the order of its ids; people of one country came together, they did not meet.
    # Several articles may tell of one meeting: what tells meetings apart is their day; one of which only the month or
    # the year is known counts unless a closer date in it is known too.
    # Pairs come from the list within a row: to join the participants with themselves takes more than twice as long.
    "who_met_whom": """\
WITH ones AS (
    SELECT article_id, meeting_id, date_start, date_precision, city, participants, unnest(participants) AS one
    FROM meetings
    WHERE status = 'held' AND format IS DISTINCT FROM 'visit'
), pairs AS (
    SELECT
        coalesce(one.person_id, one.name) AS person_id, one.name AS person,
        coalesce(two.person_id, two.name) AS other_id, two.name AS other,
        article_id, meeting_id, date_start, date_precision, city
    FROM (SELECT * EXCLUDE (participants), unnest(participants) AS two FROM ones WHERE one.name IS NOT NULL)
    WHERE
        two.name IS NOT NULL AND coalesce(one.person_id, one.name) < coalesce(two.person_id, two.name)
        AND (one.country <> two.country) IS NOT FALSE
), known AS (
    SELECT
        person_id, max(person) AS person, other_id, max(other) AS other, count(DISTINCT article_id) AS articles,
        coalesce(list(DISTINCT date_start) FILTER (date_precision = 'day'), []) AS days,
        coalesce(list(DISTINCT date_start) FILTER (date_precision = 'month'), []) AS months,
        coalesce(list(DISTINCT date_start) FILTER (date_precision = 'year'), []) AS years,
        count(DISTINCT CASE WHEN date_start IS NULL THEN meeting_id END) AS undated,
        list_sort(list(DISTINCT city) FILTER (city IS NOT NULL)) AS cities
    FROM pairs
    GROUP BY person_id, other_id
), dated AS (
    SELECT * EXCLUDE (days, months, years), days
        || list_filter(months, lambda month: NOT list_contains([date_trunc('month', day) FOR day IN days], month))
        || list_filter(years, lambda year: NOT list_contains([date_trunc('year', day) FOR day IN days || months], year))
        AS dates
    FROM known
)
SELECT
    person_id, person, other_id, other, len(dates) + undated AS meetings, articles,
    list_min(dates) AS first_date, list_max(dates) AS last_date, cities
FROM dated""",
    "topics_by_month": """\
SELECT
    date_trunc('month', published_at)::DATE AS "month", topic_id, any_value(label) AS topic,
    any_value(label_vi) AS topic_vi, count(DISTINCT article_id) AS articles,
    count(DISTINCT target_id) FILTER (scope = 'meeting') AS meetings,
    count(DISTINCT target_id) FILTER (scope = 'quote') AS quotes
FROM topics_in_context
GROUP BY "month", topic_id""",
    "quotes_by_person": """\
SELECT
    coalesce(speaker_id, speaker) AS person_id, max(speaker) AS person, max(speaker_country) AS country,
    count(*) AS quotes, count(*) FILTER (kind = 'direct') AS direct, count(*) FILTER (kind = 'mixed') AS mixed,
    count(*) FILTER (kind = 'indirect') AS indirect, count(DISTINCT article_id) AS articles,
    min(published_at) AS first_published_at, max(published_at) AS last_published_at
FROM quotes_in_context
WHERE speaker_kind = 'person' AND speaker IS NOT NULL
GROUP BY coalesce(speaker_id, speaker)""",
}

_ABOUT = {
    "outcomes": "What became of every link and file: `stored`, `unchanged`, `duplicate`, `rejected` or `later`",
    "current_batches": "Which batch of each article counts: the newest extraction of its newest reading",
    "meetings_flat": "Meetings, one row for each participant",
    "meetings_in_context": "Meetings with who took part, the sentence that proves it, and the article",
    "quotes_in_context": "Quotes with the sentence they stand in, and the article",
    "topics_in_context": "Topics with the article they come from",
    "people": "Everybody who met or spoke, with how often",
    "ledger": "Who said what, about what, at which meeting: one row for each quote and each topic of it",
    "who_met_whom": "Pairs of people of different countries, with their held meetings: how many, the first, the last",
    "topics_by_month": "How often each topic came up, by the month of publication",
    "quotes_by_person": "How often, and in what way, each person was quoted",
}


_STORE = """\
-- This lake is in an object store. DuckDB reads it with:
--   INSTALL httpfs; LOAD httpfs; CREATE SECRET (TYPE s3, PROVIDER credential_chain);
"""


def views_sql(root: str) -> str:
    """The text of ``views.sql``; it answers from any working directory.

    Args:
        root: Absolute path of the lake, or its address; any characters.
    """
    head = _HEAD.substitute(lake=quote_text(escape_glob(root)))
    head = _STORE + head if root.startswith("s3://") else head
    no_rows = "".join(_NO_ROWS.substitute(table=table) for table in TABLES)
    return head + no_rows + "".join(_create(name, query) for name, query in _queries().items()) + _let_rows_in()


def moved_sql(root: str, other: str) -> str:
    """SQL by which a session that has read :func:`views_sql` reads its files at another address, and forgets this one.

    Args:
        root: As it was given there.
        other: Where the files are as well.
    """
    moved = f"'{other}' || file[{len(escape_glob(root)) + 1}:]"
    lists = (
        f"SET VARIABLE parley_{variable} = list_transform(getvariable('parley_{variable}'), lambda file: {moved});\n"
        for variable in ("stored", *TABLES)
    )
    done = "".join(f"RESET VARIABLE parley_{variable};\n" for variable in ("index", "unread", "kept"))
    return f"SET VARIABLE parley_lake = '{other}';\n{''.join(lists)}{done}"


def whole_files_sql() -> str:
    """SQL that makes a session quicker in which every row of the files that it reads counts, as after compaction.

    To be run only where :data:`PARTLY_COUNTING` finds nothing. Comparing each row with an empty list would make a count
    four times as long.
    """
    return "".join(map(_whole, _through_articles()))


def about_views() -> dict[str, str]:
    """What each view that is not a table says, in one sentence; in the order in which they are made."""
    return dict(_ABOUT)


def everyday_views() -> dict[str, str]:
    """SQL of the views that say nothing of files, each after those it uses; they fit real tables as well."""
    return dict(_EVERYDAY)


def current_articles(articles: str) -> str:
    """SQL for the batch of each article that counts: its newest reading, of that the newest extraction, then copy.

    Args:
        articles: SQL of a relation with the stored rows of ``articles``.

    Returns:
        A query with the columns ``article_id`` (each once) and ``batch_id``.
    """
    return _CURRENT.substitute(articles=articles, rank=_RANK)


def indexed_articles() -> str:
    """SQL of the columns of :data:`INDEX` of all stored rows of ``articles``, most of them from the index."""
    tables = {name: _SAME_COLUMNS.substitute(variable=f"parley_{name}") for name in ("index", "unread")}
    return _ROWS.substitute(tables, columns=", ".join(INDEX.names))


def counting_articles(articles: str) -> str:
    """SQL for the rows of ``articles`` that count.

    Args:
        articles: SQL of a relation with the stored rows.
    """
    return f"(FROM {articles} SEMI JOIN ({current_articles(articles)}) USING (article_id, batch_id))"


def newest_rejects(rejects: str, articles: str) -> str:
    """SQL for the newest reject of each input, unless an article that counts was made of it later.

    Args:
        rejects: SQL of a relation with the stored rows of ``rejects``.
        articles: SQL of a relation with the rows of ``articles`` that count.
    """
    columns = _columns(TABLES["rejects"], "newest.")
    return _REJECTS.substitute(columns=columns, rejects=rejects, articles=articles, as_of=_AS_OF)


def newest_fetches(fetches: str) -> str:
    """SQL for the newest fetch of each link and state.

    Args:
        fetches: SQL of a relation with the stored rows of ``fetches``.
    """
    return _NEWEST_FETCHES.substitute(columns=_columns(TABLES["fetches"]), rows=fetches, as_of=_AS_OF)


def quote_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def escape_glob(path: str) -> str:
    """A path as a pattern that matches only itself; brackets, because DuckDB takes a backslash for a slash."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


def _whole(table: str) -> str:
    query = f"SELECT {_columns(TABLES[table])} FROM {_files(table)}"  # noqa: S608  # SQL of ours
    # A view is made on the file without rows; on all of them, all would be opened.
    kept, none = f"getvariable('parley_{table}')", _NO_ROWS.substitute(table=table)
    return (
        f"SET VARIABLE parley_kept = {kept};\n{none}{_create(table, query)}"
        f"SET VARIABLE parley_{table} = getvariable('parley_kept');\n"
    )


def _let_rows_in() -> str:
    """The lists of the files as they are now, and what of them counts."""
    lists = [_LIST.substitute(variable="stored", table="articles")]
    lists += [_LIST.substitute(variable=table, table=table) for table in TABLES if table != "articles"]
    found = [_FOUND.substitute(variable=variable) for variable in ("stored", *TABLES) if variable != "articles"]
    every = "SET VARIABLE parley_articles = getvariable('parley_stored');\n"
    known = f"extracted_at <= {_AS_OF}"
    stored = _STORED.substitute(index=_SAME_COLUMNS.substitute(variable="parley_index"), rows=indexed_articles())
    superseded = _SUPERSEDED.substitute(rank=_RANK, known=known)
    counting = [_COUNTING.substitute(table=table) for table in _through_articles()]
    return "\n" + "".join([*lists, *found, every, stored, superseded, *counting])


def _through_articles() -> tuple[str, ...]:
    """The tables whose rows count if their article's batch does."""
    return tuple(table for table, schema in TABLES.items() if "article_id" in schema.names)


def _files(variable: str) -> str:
    return _FILES.substitute(variable=variable)


def _queries() -> dict[str, str]:
    """The views by name, each after those it uses."""
    queries = {
        table: _VISIBLE.substitute(columns=_columns(TABLES[table]), rows=_files(table)) for table in _through_articles()
    }
    queries["current_batches"] = "SELECT article_id, batch_id FROM articles"
    queries["rejects"] = newest_rejects(_files("rejects"), "articles")
    queries["fetches"] = newest_fetches(_files("fetches"))
    queries["pages"] = _NEWEST.substitute(columns=_columns(TABLES["pages"]), rows=_files("pages"), as_of=_AS_OF)
    return queries | _EVERYDAY


def _columns(schema: pa.Schema, prefix: str = "") -> str:
    """Columns by their names of now, then those that had another name by that name as well."""
    former = former_names(schema)
    now = {name: f'{prefix}"{name}"' for name in schema.names}
    now |= {name: f'coalesce({prefix}"{name}", {prefix}"{old}")' for name, old in former.items()}
    columns = [f'{now[name]} AS "{name}"' if name in former else now[name] for name in schema.names]
    return ", ".join([*columns, *(f'{now[name]} AS "{old}"' for name, old in former.items())])


def _create(name: str, query: str) -> str:
    about = f"-- {_ABOUT[name]}.\n" if name in _ABOUT else ""
    return f"\n{about}CREATE OR REPLACE VIEW {name} AS\n{query.strip()};\n"
