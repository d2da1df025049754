"""From a document to its topics: weighted terms, counted more where an article says what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.articles import Article, BlockKind
from schemas.document import Document
from schemas.quotes import Span
from schemas.topics import Topic
from seeds import SEEDS
from tasks.topics.vocabulary import TermHit, TermIndex, TopicEntry, load_vocabulary

__all__ = ["find_topics"]

_BLOCK_WEIGHTS: Mapping[BlockKind, float] = {"title": 3.0, "lead": 1.5, "subhead": 2.0, "body": 1.0}
"""Captions, related links and promos do not count; numbered subheads are the article's own list of topics."""
_BACKGROUND_FROM = 2 / 3
"""The last third of an article is usually context, and counts half."""
_FEWEST = 0.8
"""Summed weight below which a topic is only touched upon."""
_HALF_SCORE = 3.0
"""Summed weight that scores 0.5."""
_MOST = 8
"""Topics of one article."""


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    entries: Mapping[str, TopicEntry]
    index: TermIndex


def find_topics(document: Document) -> tuple[Topic, ...]:
    """Find what an article is about.

    Returns:
        Topics of scope ``article``, the article's own subject first; at most eight, empty where nothing of the
        vocabulary is touched. ``score`` runs from 0 to 1: half at a summed term weight of three, where a term
        in the headline counts three times, in a subhead twice, and in the last third of the body half.
    """
    article = document.article
    vocabulary = _vocabulary(SEEDS)
    found = _hits(article, vocabulary.index)
    totals = {topic_id: sum(weight for _, _, weight in hits) for topic_id, hits in found.items()}
    kept = [topic_id for topic_id in _without_parents(totals, vocabulary.entries) if totals[topic_id] >= _FEWEST]
    ranked = sorted(kept, key=lambda topic_id: (-totals[topic_id], topic_id))[:_MOST]
    return tuple(_row(article, vocabulary.entries[topic_id], totals[topic_id], found[topic_id]) for topic_id in ranked)


@cache
def _vocabulary(seeds: Path) -> _Vocabulary:
    entries = load_vocabulary(seeds)
    return _Vocabulary({entry.topic_id: entry for entry in entries}, TermIndex(entries))


def _hits(article: Article, index: TermIndex) -> dict[str, list[TermHit]]:
    """Terms by topic, each with its weight at the place where it stands."""
    found: dict[str, list[TermHit]] = {}
    body = [block for block in article.blocks if block.kind == "body"]
    background = body[0].start + (body[-1].end - body[0].start) * _BACKGROUND_FROM if body else 0.0
    for block in article.blocks:
        place = _BLOCK_WEIGHTS.get(block.kind, 0.0)
        if block.kind == "body" and block.start >= background:
            place /= 2
        for topic_id, hits in index.match(article.text[block.start : block.end]).items() if place else ():
            found.setdefault(topic_id, []).extend(
                (block.start + start, block.start + end, weight * place) for start, end, weight in hits
            )
    return found


def _without_parents(totals: Mapping[str, float], entries: Mapping[str, TopicEntry]) -> Iterable[str]:
    """A general topic says nothing more where one of its specific ones is as strong."""
    strongest: dict[str | None, float] = {}
    for topic_id, total in totals.items():
        parent = entries[topic_id].parent
        strongest[parent] = max(strongest.get(parent, 0.0), total)
    return [topic_id for topic_id, total in totals.items() if strongest.get(topic_id, 0.0) < total]


def _row(article: Article, entry: TopicEntry, total: float, hits: Iterable[TermHit]) -> Topic:
    return Topic(
        topic_id=entry.topic_id,
        article_id=article.article_id,
        label=entry.label,
        label_vi=entry.label_vi,
        iptc=entry.iptc,
        plover=entry.plover,
        scope="article",
        target_id=article.article_id,
        score=round(total / (total + _HALF_SCORE), 3),
        spans=tuple(sorted({Span(start, end) for start, end, _ in hits})),
        rule="terms",
    )
