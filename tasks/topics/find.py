"""From a document to its topics: weighted terms, counted more where an article says what it is about."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, starmap
from operator import itemgetter
from pathlib import Path

from schemas.articles import Article, Block, BlockKind
from schemas.document import Document, Entity
from schemas.quotes import Span
from schemas.topics import Topic
from seeds import SEEDS
from tasks.language.folding import fold
from tasks.topics.context_cues import ContextCues, load_context_cues
from tasks.topics.term_index import TermIndex
from tasks.topics.vocabulary import TopicEntry, load_vocabulary

__all__ = ["find_topics"]

_WORD = re.compile(r"\w+")

_BLOCK_WEIGHTS: Mapping[BlockKind, float] = {"title": 1.0, "lead": 1.5, "subhead": 2.0, "body": 1.0}
"""Captions, related links and promos do not count; numbered subheads are the article's own list of topics."""
_BACKGROUND_FROM = 2 / 3
"""The last third of an article is usually context, and counts half."""
_REPEATED = 0.5
"""Each further term of a topic in the same block counts so much of the one before it."""
_HEADLINE = 0.75
"""What a headline that surely shows a topic adds to its score."""
_HALF_SCORE = 3.0
"""Summed weight in the text that scores 0.5."""
_LEAST = 0.2
"""Score below which a topic is only touched upon."""
_MOST = 10
"""Topics of one article."""
_SHORTEST_NAME = 3
"""Letters of a part of a name that a headline may call a person by."""

_Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    entries: Mapping[str, TopicEntry]
    index: TermIndex
    cues: ContextCues


@dataclass(slots=True)
class _Evidence:
    """What an article has of one topic: its terms, and their summed weights in the headline and in the text."""

    spans: set[_Range] = field(default_factory=set)
    headline: float = 0.0
    text: float = 0.0

    def score(self) -> float:
        return 1 - (1 - _HEADLINE * min(1.0, self.headline)) * _HALF_SCORE / (self.text + _HALF_SCORE)


def find_topics(document: Document) -> tuple[Topic, ...]:
    """Find what an article is about.

    ``score`` runs from 0 to 1: headline and text each make it likelier that the topic is what the article is about
    (1 - (1 - h)(1 - t)). h is up to 0.75; t is half at a summed term weight of three, where a term in a subhead counts
    twice, in the first paragraph one and a half times, in the last third of the body half; one and a half times
    behind a cue such as “thảo luận về”, half behind one such as “kể từ khi”.

    Returns:
        Topics of scope ``article``, the article's own subject first; at most ten, empty where nothing of the
        vocabulary is touched. A general topic is left out where one of its specific ones is found.
    """
    vocabulary = _load_vocabulary(SEEDS)
    found = {
        one: evidence for one, evidence in _collect_evidence(document, vocabulary).items() if evidence.score() >= _LEAST
    }
    specific = _drop_general(found, vocabulary.entries)
    parties = Counter(document.entities[mention.entity].country for mention in document.mentions)
    ranked = sorted(specific, key=lambda one: _rank_topic(vocabulary.entries[one], found[one], parties))
    kept = _without_bystanders(ranked, found, vocabulary.entries)[:_MOST]
    return tuple(_make_row(document.article, vocabulary.entries[one], found[one]) for one in kept)


@cache
def _load_vocabulary(seeds: Path) -> _Vocabulary:
    entries = load_vocabulary(seeds)
    return _Vocabulary({entry.topic_id: entry for entry in entries}, TermIndex(entries), load_context_cues(seeds))


def _drop_general(found: Mapping[str, _Evidence], entries: Mapping[str, TopicEntry]) -> Iterator[str]:
    """Drop a general topic if one of its specific ones was found, or if specific ones take all its words."""
    parents = {entries[topic_id].parent for topic_id in found}
    taken = sorted({span for topic_id, one in found.items() if entries[topic_id].parent for span in one.spans})
    reach = list(accumulate((end for _, end in taken), max))
    for topic_id, one in found.items():
        general = entries[topic_id].parent is None
        if not (general and (topic_id in parents or all(_is_covered(span, taken, reach) for span in one.spans))):
            yield topic_id


def _rank_topic(entry: TopicEntry, evidence: _Evidence, parties: Mapping[str | None, int]) -> tuple[float, int, str]:
    """Return the key to sort by: score; between equals, the topic of countries that are mentioned more often."""
    return -evidence.score(), -sum(parties[country] for country in entry.countries), entry.topic_id


def _without_bystanders(
    ranked: Iterable[str], found: Mapping[str, _Evidence], entries: Mapping[str, TopicEntry]
) -> list[str]:
    """Read “Mỹ, Nga gặp nhau ở Ấn Độ”: drop relations of two countries whose every word is of a stronger pair."""
    kept: list[str] = []
    for topic_id in ranked:
        pairs = [found[other].spans for other in kept if entries[other].countries]
        if not (entries[topic_id].countries and any(found[topic_id].spans <= spans for spans in pairs)):
            kept.append(topic_id)
    return kept


def _is_covered(span: _Range, others: Sequence[_Range], reach: Sequence[int]) -> bool:
    """Return True if one of ``others``, sorted, covers a span; ``reach`` has the farthest end up to each."""
    start, end = span
    before = bisect_right(others, start, key=itemgetter(0))
    return before > 0 and end <= reach[before - 1]


def _collect_evidence(document: Document, vocabulary: _Vocabulary) -> dict[str, _Evidence]:
    found: defaultdict[str, _Evidence] = defaultdict(_Evidence)
    called = _list_short_names(document.entities)
    folded = fold(document.article.text)
    for block, place in _list_places(document.article.blocks):
        text = folded[block.start : block.end]
        for topic_id, hits in vocabulary.index.match(text, _list_countries(document, block, called)).items():
            weights = (weight * vocabulary.cues.weigh(text, start) for start, _, weight in hits)
            if block.kind == "title":
                found[topic_id].headline += _sum_weights(weights)
            else:
                found[topic_id].text += place * _sum_weights(weights)
            found[topic_id].spans.update((block.start + start, block.start + end) for start, end, _ in hits)
    return found


def _list_places(blocks: Sequence[Block]) -> Iterator[tuple[Block, float]]:
    """Yield the blocks that count, with what a term in each counts; without a lead, the first paragraph is it."""
    body = [block for block in blocks if block.kind == "body"]
    background = body[0].start + (body[-1].end - body[0].start) * _BACKGROUND_FROM if body else 0.0
    first = body[0] if body and all(block.kind != "lead" for block in blocks) else None
    for before, block, after in zip((None, *blocks), blocks, (*blocks[1:], None), strict=False):
        kind: BlockKind = "lead" if block == first else block.kind
        if kind == "subhead" and "subhead" in {beside.kind for beside in (before, after) if beside}:
            continue  # subheads without text between them are links to other articles
        if place := _BLOCK_WEIGHTS.get(kind):
            yield block, place / 2 if kind == "body" and block.start >= background else place


def _sum_weights(weights: Iterable[float]) -> float:
    return sum(weight * _REPEATED**rank for rank, weight in enumerate(sorted(weights, reverse=True)))


def _list_countries(document: Document, block: Block, called: Mapping[str, set[str]]) -> set[str]:
    """Return the countries that people mentioned in a block stand for."""
    if block.kind in ("lead", "body"):
        inside = (document.entities[one.entity] for one in document.mentions_within(block.start, block.end))
        return {entity.country for entity in inside if entity.country}
    words = set(_WORD.findall(document.text(block.start, block.end)))
    return {country for word in words & called.keys() for country in called[word]}


def _list_short_names(entities: Iterable[Entity]) -> dict[str, set[str]]:
    """Return parts of people's names with their countries: headlines are not annotated and call people by one."""
    called: defaultdict[str, set[str]] = defaultdict(set)
    for entity in entities:
        if entity.kind == "person" and entity.name and entity.country:
            for part in entity.name.split():
                if len(part) >= _SHORTEST_NAME:
                    called[part].add(entity.country)
    return called


def _make_row(article: Article, entry: TopicEntry, evidence: _Evidence) -> Topic:
    return Topic(
        topic_id=entry.topic_id,
        article_id=article.article_id,
        label=entry.label,
        label_vi=entry.label_vi,
        iptc=entry.iptc,
        plover=entry.plover,
        scope="article",
        target_id=article.article_id,
        score=round(evidence.score(), 3),
        spans=tuple(starmap(Span, sorted(evidence.spans))),
        rule="terms",
    )
