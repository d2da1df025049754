from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import tasks.lake.views
from schemas.meetings import Meeting, Participant
from tasks.lake import Batch, append_batch, open_lake
from tasks.lake.views.everyday import EVERYDAY_VIEWS, describe_views, read_everyday_views

MakeBatch = Callable[..., Batch]


def ask(lake: Path, batch: Batch, query: str) -> list[tuple[object, ...]]:
    append_batch(lake, batch, written_at=batch.extracted_at)
    with open_lake(lake) as connection:
        return connection.execute(query).fetchall()


def test_every_file_of_sql_is_a_view_and_says_in_its_first_line_what_it_shows() -> None:
    folder = Path(tasks.lake.views.__file__).parent / "sql"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(EVERYDAY_VIEWS)
    for name, query in read_everyday_views().items():
        assert query.startswith(f"-- {describe_views()[name]}.\n")
        assert len(describe_views()[name]) > 10


def test_a_line_of_the_ledger_is_a_quote_with_its_topic_and_its_meeting(lake: Path, make_batch: MakeBatch) -> None:
    question = "SELECT said_by, words, topic_id, topic, met, date, city, country, outlet, quote_id FROM ledger"
    assert ask(lake, make_batch(), question) == [
        (
            "Bình Minh",
            "Chúng tôi muốn hòa bình",
            "peace",
            "Peace",
            "An Nhiên, Bình Minh",
            "2026-03-05",
            "Hue",
            "VN",
            "Báo Mẫu",
            "q-a1",
        )
    ]


def test_a_quote_with_two_topics_has_two_lines_and_one_with_nothing_keeps_one(
    lake: Path, make_batch: MakeBatch
) -> None:
    batch = make_batch(articles=("a1", "a2"))
    (of_quote,) = [topic for topic in batch.topics if topic.target_id == "q-a1"]
    bare = tuple(replace(quote, meeting_id=None) if quote.article_id == "a2" else quote for quote in batch.quotes)
    batch = replace(batch, quotes=bare, topics=(of_quote, replace(of_quote, topic_id="hope")))
    assert ask(lake, batch, "SELECT quote_id, topic_id, met FROM ledger ORDER BY ALL") == [
        ("q-a1", "hope", "An Nhiên, Bình Minh"),
        ("q-a1", "peace", "An Nhiên, Bình Minh"),
        ("q-a2", None, None),
    ]


def pair(meeting: Meeting, number: int, *countries: str | None, **cells: object) -> Meeting:
    parties = tuple(
        replace(party, country=country) for party, country in zip(meeting.participants, countries, strict=True)
    )
    return replace(meeting, meeting_id=f"m{number}", participants=parties, **cells)  # type: ignore[arg-type]


def met(lake: Path, make_batch: MakeBatch, *cells: dict[str, object]) -> list[tuple[object, ...]]:
    batch = make_batch()
    meetings = tuple(pair(batch.meetings[0], number, "VN", "JP", **one) for number, one in enumerate(cells))
    question = "SELECT person, other, meetings, articles, first_date, last_date, cities FROM who_met_whom"
    return ask(lake, replace(batch, meetings=meetings, quotes=(), topics=()), question)


def test_a_pair_stands_once_with_its_meetings(lake: Path, make_batch: MakeBatch) -> None:
    rows = met(lake, make_batch, {}, {"date_start": date(2027, 1, 2), "city": None}, {"status": "planned"})
    assert rows == [("An Nhiên", "Bình Minh", 2, 1, "2026-03-05", "2027-01-02", ["Hue"])]


def test_a_month_counts_unless_a_day_in_it_does(lake: Path, make_batch: MakeBatch) -> None:
    march = {"date_start": date(2026, 3, 1), "date_precision": "month"}
    april = {"date_start": date(2026, 4, 1), "date_precision": "month"}
    year = {"date_start": date(2026, 1, 1), "date_precision": "year"}
    (row,) = met(lake, make_batch, {}, march, april, year)
    assert row[2:6] == (2, 1, "2026-03-05", "2026-04")


def test_an_undated_meeting_counts(lake: Path, make_batch: MakeBatch) -> None:
    undated = {"date_start": None, "date_precision": None}
    assert met(lake, make_batch, undated, undated)[0][2:6] == (2, 1, None, None)


def test_visits_and_compatriots_are_no_pair(lake: Path, make_batch: MakeBatch) -> None:
    batch = make_batch()
    meetings = (pair(batch.meetings[0], 1, "VN", "VN"), pair(batch.meetings[0], 2, "VN", "JP", format="visit"))
    assert ask(lake, replace(batch, meetings=meetings, quotes=(), topics=()), "FROM who_met_whom") == []


def test_people_of_unknown_country_are_a_pair(lake: Path, make_batch: MakeBatch) -> None:
    batch = make_batch()
    assert all(isinstance(party, Participant) for party in batch.meetings[0].participants)
    one = pair(batch.meetings[0], 1, "VN", None)
    assert len(ask(lake, replace(batch, meetings=(one,), quotes=(), topics=()), "FROM who_met_whom")) == 1


def test_topics_by_month_of_publication(lake: Path, make_batch: MakeBatch) -> None:
    batch = make_batch(articles=("a1", "a2", "a3"))
    midnight = datetime(2026, 3, 31, 17, tzinfo=UTC)
    later = replace(batch.articles[2], published_at=midnight, published_on=date(2026, 4, 1))
    question = "SELECT month, topic_id, topic, articles, meetings, quotes FROM topics_by_month ORDER BY ALL"
    assert ask(lake, replace(batch, articles=(*batch.articles[:2], later)), question) == [
        ("2026-03", "peace", "Peace", 2, 2, 2),
        ("2026-04", "peace", "Peace", 1, 1, 1),
    ]


def test_quotes_by_person(lake: Path, make_batch: MakeBatch) -> None:
    batch = make_batch(articles=("a1", "a2"))
    quotes = (batch.quotes[0], replace(batch.quotes[1], kind="indirect"))
    nobody = replace(batch.quotes[0], quote_id="q-x", speaker_kind="organization")
    question = "SELECT person, country, quotes, direct, mixed, indirect, articles FROM quotes_by_person"
    assert ask(lake, replace(batch, quotes=(*quotes, nobody)), question) == [("Bình Minh", "VN", 2, 1, 0, 1, 2)]


def test_every_view_that_shows_a_publication_shows_the_day_of_the_outlet(lake: Path, make_batch: MakeBatch) -> None:
    batch, midnight = make_batch(), datetime(2026, 3, 4, 17, tzinfo=UTC)
    article = replace(batch.articles[0], published_at=midnight, published_on=date(2026, 3, 5))
    append_batch(lake, replace(batch, articles=(article,)), written_at=batch.extracted_at)
    with open_lake(lake) as connection:
        for view in ("meetings_flat", "meetings_in_context", "quotes_in_context", "topics_in_context", "ledger"):
            days = connection.execute(f"SELECT DISTINCT published_on FROM {view}").fetchall()
            assert days == [(date(2026, 3, 5),)], view
        for view in ("people", "quotes_by_person"):
            days = connection.execute(f"SELECT first_published_on, last_published_on FROM {view}").fetchall()
            assert set(days) == {(date(2026, 3, 5), date(2026, 3, 5))}, view


def test_pairs_say_when_they_were_reported(lake: Path, make_batch: MakeBatch) -> None:
    batch = make_batch(articles=("a1", "a2"))
    days = (date(2026, 3, 5), date(2026, 3, 9))
    articles = tuple(replace(one, published_on=day) for one, day in zip(batch.articles, days, strict=True))
    meetings = tuple(replace(pair(one, n, "VN", "JP")) for n, one in enumerate(batch.meetings))
    batch = replace(batch, articles=articles, meetings=meetings, quotes=(), topics=())
    assert ask(lake, batch, "SELECT first_published_on, last_published_on FROM who_met_whom") == [days]
