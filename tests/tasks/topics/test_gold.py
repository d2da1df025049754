"""Topics found in annotated articles, by topic id, where those articles are at hand."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.articles import Page, Sidecar
from schemas.settings import CleanLimits
from schemas.topics import Topic
from tasks.clean import clean_page
from tasks.mentions.annotate import annotate
from tasks.topics import find_topics

SHARED = Path(__file__).parents[3] / ".." / "shared"
JUDGED = tomllib.loads(Path(__file__).with_name("judged.toml").read_text(encoding="utf-8"))
MOST_WRONG = 2

annotated = pytest.mark.skipif(not SHARED.is_dir(), reason="the annotated articles are not part of this repository")
each_seed = pytest.mark.parametrize("name", JUDGED, ids=lambda name: name[:3])


def topics_of(path: Path) -> tuple[Topic, ...]:
    page = Page(input="x.txt", media="text", body=path.read_bytes(), sidecar=Sidecar(), fetched_at=datetime.now(UTC))
    return find_topics(annotate(clean_page(page, limits=CleanLimits(), languages=("vi", "en"))))


@annotated
@each_seed
def test_the_main_topics_are_found_and_all_that_are_found_are_judged(name: str) -> None:
    judged = JUDGED[name]
    found = [topic.topic_id for topic in topics_of(SHARED / "seeds" / f"{name}.txt")]
    assert {slug: ids for slug, ids in judged["gold"].items() if not set(ids) & set(found)} == {}, "missing"
    assert sorted(set(found) - set(judged["right"]) - set(judged["wrong"])) == [], "read the article and judge these"
    assert len(set(found) & set(judged["wrong"])) <= MOST_WRONG
    assert found[0] in next(iter(judged["gold"].values())), "the article's own subject comes first"


@annotated
@each_seed
def test_the_table_holds_the_annotators_main_topics(name: str) -> None:
    gold = json.loads((SHARED / "gold" / "seeds" / f"{name}.json").read_text(encoding="utf-8"))
    assert [topic["slug"] for topic in gold["topics"] if topic["rank"] <= 3] == list(JUDGED[name]["gold"])


@annotated
@pytest.mark.parametrize("name", ["073", "078"], ids=["football", "crime"])
def test_other_news_has_no_topic(name: str) -> None:
    assert topics_of(SHARED / "gold" / "news" / f"{name}.txt") == ()
