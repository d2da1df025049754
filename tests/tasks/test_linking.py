from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

import pytest

from samples import ARTICLE, MEETING, PARTICIPANT, QUOTE, TOPIC
from schemas.articles import Block, BlockKind
from schemas.document import Document, Sentence, Token
from schemas.meetings import Meeting, MeetingStatus
from schemas.quotes import Quote, Span
from schemas.topics import Topic
from tasks.linking import join_rows

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def document(*paragraphs: str, subheads: tuple[int, ...] = ()) -> Document:
    """One sentence a paragraph; ``cuộc gặp`` is a MEETN, ``sau`` and ``trước`` link it."""
    kinds = {"gặp": "MEETN", "sau": "AFTER", "trước": "BEFORE"}
    blocks, sentences, start = [], [], 0
    for number, words in enumerate(paragraphs):
        kind: BlockKind = "subhead" if number in subheads else "body"
        blocks.append(Block(kind, start, start + len(words)))
        tokens = tuple(Token(kinds.get(word, "LOW"), start, start) for word in words.split())
        if kind == "body":
            sentences.append(Sentence(start, start + len(words), "body", number, tokens))
        start += len(words) + 1
    article = replace(ARTICLE, text="\n".join(paragraphs), blocks=tuple(blocks))
    return Document(article=article, sentences=tuple(sentences))


def span(doc: Document, words: str) -> Span:
    return Span(doc.article.text.index(words), doc.article.text.index(words) + len(words))


def meeting(doc: Document, words: str, *names: str, status: MeetingStatus = "held") -> Meeting:
    place = span(doc, words)
    parties = tuple(replace(PARTICIPANT, name=name, person_id=name) for name in names)
    return replace(
        MEETING, meeting_id=f"m:{words}", participants=parties, status=status, start=place.start, end=place.end
    )


def quote(doc: Document, words: str, speaker: str) -> Quote:
    place = span(doc, words)
    said = {"quote_id": f"q:{words}", "text": words, "start": place.start, "end": place.end, "quoted": (place,)}
    return replace(QUOTE, **said, speaker=speaker, speaker_id=speaker)


def topic(doc: Document, *words: str) -> Topic:
    return replace(TOPIC, score=0.7, spans=tuple(span(doc, one) for one in words), rule="terms")


FILLER = "Trời đẹp."


def said_at(doc: Document, meetings: list[Meeting], *quotes: Quote) -> list[str | None]:
    _, joined, _ = join_rows(doc, meetings, quotes, ())
    return [one.meeting_id and one.meeting_id.removeprefix("m:") for one in joined]


def test_words_beside_a_meeting_were_said_at_it() -> None:
    doc = document(FILLER, FILLER, "A tiếp B. A nói vâng.")
    assert said_at(doc, [meeting(doc, "A tiếp B", "A", "B")], quote(doc, "vâng", "A")) == ["A tiếp B"]


def test_of_two_meetings_in_a_paragraph_the_one_told_last_before_the_words_counts() -> None:
    doc = document("A tiếp B. A nói vâng. A tiếp C. A nói không.")
    both = [meeting(doc, "A tiếp B", "A", "B"), meeting(doc, "A tiếp C", "A", "C")]
    assert said_at(doc, both, quote(doc, "vâng", "A"), quote(doc, "không", "A")) == ["A tiếp B", "A tiếp C"]


def test_the_article_goes_on_about_the_meeting_it_opens_with_until_it_tells_of_another() -> None:
    doc = document("A tiếp B.", "A nói vâng.", FILLER, "A tiếp C.", "A nói không.")
    both = [meeting(doc, "A tiếp B", "A", "B"), meeting(doc, "A tiếp C", "A", "C")]
    assert said_at(doc, both, quote(doc, "vâng", "A"), quote(doc, "không", "A")) == ["A tiếp B", None]


def test_a_meeting_of_days_before_is_told_of_in_passing() -> None:
    doc = document("A tiếp B.", FILLER, "A tiếp C.", "A nói vâng.")
    days = {"B": date(2026, 3, 5), "C": date(2026, 3, 1)}
    both = [replace(meeting(doc, f"A tiếp {who}", "A", who), date_start=day, date_end=day) for who, day in days.items()]
    assert said_at(doc, both, quote(doc, "vâng", "A")) == ["A tiếp B"]


def test_a_sentence_that_names_the_occasion_means_the_speakers_first_meeting() -> None:
    doc = document(FILLER, FILLER, "A tiếp B.", "A tiếp C.", "A nói sau cuộc gặp vâng.")
    both = [meeting(doc, "A tiếp B", "A", "B"), meeting(doc, "A tiếp C", "A", "C")]
    assert said_at(doc, both, quote(doc, "vâng", "A")) == ["A tiếp B"]


def test_who_was_heard_at_a_meeting_goes_on_speaking_at_it() -> None:
    doc = document(FILLER, FILLER, "A tiếp B. A nói vâng.", "A nói thêm.", "B nói không.")
    one = meeting(doc, "A tiếp B", "A", "B")
    words = [quote(doc, "vâng", "A"), quote(doc, "thêm", "A"), quote(doc, "không", "B")]
    assert said_at(doc, [one], *words) == ["A tiếp B"] * 3


@pytest.mark.parametrize("words", ["A nói trước cuộc gặp vâng.", "A trước đây nói vâng.", "Năm ngoái A nói vâng."])
def test_what_was_said_at_another_time_belongs_to_no_meeting(words: str) -> None:
    doc = document("A tiếp B.", words)
    assert said_at(doc, [meeting(doc, "A tiếp B", "A", "B")], quote(doc, "vâng", "A")) == [None]


@pytest.mark.parametrize(("speaker", "status"), [("C", "held"), ("A", "planned"), ("A", "denied")])
def test_only_who_took_part_in_a_held_meeting_spoke_at_it(speaker: str, status: Literal["held", "planned"]) -> None:
    doc = document("A tiếp B. Nói vâng.")
    assert said_at(doc, [meeting(doc, "A tiếp B", "A", "B", status=status)], quote(doc, "vâng", speaker)) == [None]


def test_topics_go_down_to_the_quotes_that_hold_their_words_and_to_their_meeting() -> None:
    doc = document("A tiếp B.", "A nói hòa bình.", "C nói mưa.")
    one, quotes = meeting(doc, "A tiếp B", "A", "B"), [quote(doc, "hòa bình", "A"), quote(doc, "mưa", "C")]
    meetings, _, topics = join_rows(doc, [one], quotes, [topic(doc, "hòa bình")])
    assert meetings == (one,)
    assert [(row.scope, row.target_id, row.score) for row in topics] == [
        ("article", "a1", 0.7),
        ("meeting", "m:A tiếp B", 0.7),
        ("quote", "q:hòa bình", 0.7),
    ]


def test_a_quote_has_the_topics_of_the_subhead_it_stands_under() -> None:
    doc = document(FILLER, "1. Hòa bình", "A nói vâng.", *[FILLER] * 4, "A nói không.", subheads=(1,))
    _, _, topics = join_rows(doc, [], [quote(doc, "vâng", "A"), quote(doc, "không", "A")], [topic(doc, "Hòa bình")])
    assert [row.target_id for row in topics] == ["a1", "q:vâng"]
    assert [row.spans for row in topics] == [(span(doc, "Hòa bình"),)] * 2


def test_words_outside_a_quote_are_not_its_topic() -> None:
    doc = document("Vì hòa bình, A nói vâng.")
    _, _, topics = join_rows(doc, [], [quote(doc, "vâng", "A")], [topic(doc, "hòa bình")])
    assert [row.scope for row in topics] == ["article"]
