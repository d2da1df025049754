"""What a run asks a lake before it begins."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from samples import FETCH, NOON
from schemas.fetches import Fetch
from tasks.lake import Batch, append_batch, load_history, open_lake, sources_last_read, stored_stories

MakeBatch = Callable[..., Batch]


def _append(lake: Path, *batches: Batch) -> None:
    for batch in batches:
        append_batch(lake, batch, written_at=batch.extracted_at)


def _events(batch: Batch, *fetches: Fetch) -> Batch:
    return replace(batch, fetches=fetches)


def _state(lake: Path, link: str) -> object:
    with open_lake(lake) as connection:
        return connection.execute("SELECT state, code FROM outcomes WHERE input = $1", [link]).fetchall()


def test_an_empty_lake_knows_nothing(lake: Path) -> None:
    known = load_history(lake, NOON)
    assert not known.has_link("https://paper.example/1")
    assert not known.has_from_elsewhere("a1", "a1.txt")


def test_links_of_articles_and_rejects_are_known(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch(articles=("a1", "a2"), rejects=("https://paper.example/đã-xoá",)))
    known = load_history(lake, NOON)
    assert known.has_link("a1.txt")
    assert known.has_link("https://paper.example/đã-xoá")
    assert not known.has_link("https://paper.example/other")


def test_an_article_from_elsewhere_is_told_from_the_same_link_read_again(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch(articles=("a1", "a2", "a3")))
    known = load_history(lake, NOON)
    assert not known.has_from_elsewhere("a2", "a2.txt")
    assert known.has_from_elsewhere("a2", "https://paper.example/print/2")
    assert not known.has_from_elsewhere("a4", "https://paper.example/4")


def test_a_link_to_be_tried_again_is_known_until_then(lake: Path, make_batch: MakeBatch) -> None:
    later = replace(FETCH, input="https://paper.example/slow", state="later", retry_at=NOON + timedelta(hours=1))
    _append(lake, _events(make_batch(articles=()), later))
    assert load_history(lake, NOON).has_link(later.input)
    assert not load_history(lake, NOON + timedelta(hours=2)).has_link(later.input)


def test_a_page_that_was_fetched_but_never_stored_is_not_known(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, _events(make_batch(articles=()), replace(FETCH, input="https://paper.example/lost")))
    assert not load_history(lake, NOON).has_link("https://paper.example/lost")
    assert _state(lake, "https://paper.example/lost") == []


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (["later"], ("later", "timeout")),
        (["later", "fetched"], ("later", "timeout")),
        (["later", "stored"], ("stored", None)),
        (["stored", "unchanged"], ("unchanged", None)),
        (["later", "rejected"], ("rejected", "empty")),
        (["rejected", "stored"], ("stored", None)),
    ],
)
def test_the_last_event_of_a_link_is_its_outcome(
    lake: Path, make_batch: MakeBatch, states: list[str], outcome: tuple[str, str | None]
) -> None:
    for minutes, state in enumerate(states):
        at = {"batch_id": f"b{minutes}", "minutes": minutes}
        match state:
            case "stored":
                batch = make_batch(**at)
            case "rejected":
                batch = make_batch(**at, articles=(), rejects=("a1.txt",))
            case _:
                code = "timeout" if state == "later" else None
                batch = _events(make_batch(**at, articles=()), replace(FETCH, input="a1.txt", state=state, code=code))
        _append(lake, batch)
    assert _state(lake, "a1.txt") == [outcome]


def test_stories_come_oldest_first_and_only_signed_ones(lake: Path, make_batch: MakeBatch) -> None:
    for minutes, (name, signature) in enumerate({"a1": (1, 2), "a2": (), "a3": (2, 3)}.items()):
        batch = make_batch(f"b{name}", articles=(name,), minutes=minutes)
        _append(lake, replace(batch, articles=tuple(replace(a, signature=signature) for a in batch.articles)))
    assert [story.article_id for story in stored_stories(lake, NOON)] == ["a1", "a3"]
    assert [story.signature for story in stored_stories(lake, NOON + timedelta(minutes=1))] == [(2, 3)]


def test_a_source_was_last_read_with_its_newest_feed_or_link(lake: Path, make_batch: MakeBatch) -> None:
    first, second = make_batch(articles=()), make_batch(articles=())
    _append(
        lake,
        _events(first, replace(FETCH, source="bao-mau", kind="feed"), replace(FETCH, input="o", source="other")),
        _events(
            second,
            replace(FETCH, input="https://paper.example/2", source="bao-mau"),
            replace(FETCH, input="f", kind="file"),
        ),
    )
    assert sources_last_read(lake) == {"bao-mau": second.extracted_at, "other": first.extracted_at}


def test_only_links_of_stored_articles_are_stored(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch(articles=("a1",), rejects=("gone.txt",)))
    known = load_history(lake, NOON)
    assert known.has_stored("a1.txt")
    assert not known.has_stored("gone.txt")
