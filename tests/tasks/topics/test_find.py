from dataclasses import replace
from datetime import UTC, datetime

import pytest

from samples import ARTICLE
from schemas.articles import Block, BlockKind
from schemas.document import Document, Entity, Mention
from tasks.topics import find_topics

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def document(*blocks: tuple[BlockKind, str], people: dict[str, str] | None = None) -> Document:
    """A document of these blocks; ``people`` are mentioned wherever their name stands in the body."""
    text, made = "", []
    for kind, words in blocks:
        made.append(Block(kind, len(text), len(text) + len(words)))
        text += words + "\n"
    article = replace(ARTICLE, text=text, blocks=tuple(made))
    known = list((people or {}).items())
    body = next((block.start for block in made if block.kind == "body"), len(text))
    places = [(text.find(name, body), index, name) for index, (name, _) in enumerate(known)]
    return Document(
        article=article,
        sentences=(),
        entities=tuple(Entity(kind="person", name=name, country=country) for name, country in known),
        mentions=tuple(Mention(at, at + len(name), i, "explicit") for at, i, name in sorted(places) if at >= 0),
    )


def ids(*blocks: tuple[BlockKind, str], people: dict[str, str] | None = None) -> list[str]:
    return [topic.topic_id for topic in find_topics(document(*blocks, people=people))]


def test_words_score_and_places_of_a_topic() -> None:
    found = document(("body", "Hai bên nhắc tới Paul Whelan, công dân Mỹ bị giam giữ."), ("body", "Trời đẹp."))
    (whelan,) = [topic for topic in find_topics(found) if topic.topic_id == "paul-whelan"]
    assert [found.text(span.start, span.end) for span in whelan.spans] == ["Paul Whelan"]
    assert (whelan.scope, whelan.target_id, whelan.article_id) == ("article", "a1", "a1")
    assert 0 < whelan.score < 1


def test_no_word_is_no_topic() -> None:
    assert find_topics(document(("title", "Trời đẹp"), ("body", "Mưa tạnh ở Huế."))) == ()
    assert find_topics(document()) == ()


def test_the_headline_comes_before_what_the_text_repeats() -> None:
    blocks = [("body", "Ông nhắc lại thuế quan. Bà cũng nói thuế quan. Họ bàn thuế quan.")] * 2
    assert ids(("title", "Hiệp ước New START hết hạn"), *blocks) == ["new-start", "tariffs"]


def test_captions_and_related_links_do_not_count() -> None:
    text = "Hai nước bàn về thuế quan và hiệp ước New START."
    assert ids(("caption", text), ("related", text), ("promo", text)) == []


def test_subheads_without_text_between_them_are_links() -> None:
    body: tuple[BlockKind, str] = ("body", "Trời đẹp.")
    assert ids(body, ("subhead", "Thuế quan mới"), body) == ["tariffs"]
    assert ids(body, ("subhead", "Thuế quan mới"), ("subhead", "Hiệp ước New START"), body) == []


def test_background_scores_less_than_subject() -> None:
    def score(words: str) -> float:
        return find_topics(document(("body", words)))[0].score

    subject, plain = score("Hai bên thảo luận về thuế quan."), score("Hai bên nói tới thuế quan.")
    background = score("Từ hôm đó trời đẹp, kể từ khi có chiến tranh thương mại thuế quan.")
    assert subject > plain > background


def test_the_end_of_an_article_counts_half() -> None:
    filler: list[tuple[BlockKind, str]] = [("body", "Trời đẹp cả ngày.")] * 6
    early = find_topics(document(*filler, ("body", "Thuế quan tăng, thuế quan giảm."), *filler * 2))
    late = find_topics(document(*filler * 3, ("body", "Thuế quan tăng, thuế quan giảm.")))
    assert [topic.topic_id for topic in early] == ["tariffs"]
    assert [topic.score for topic in late] < [topic.score for topic in early]


def test_a_specific_topic_stands_for_its_general_one() -> None:
    assert ids(("body", "Hai bên bàn về kiểm soát vũ khí và giải trừ quân bị.")) == ["arms-control"]
    both = "Hai bên bàn về kiểm soát vũ khí, giải trừ quân bị và hiệp ước New START của Nga."
    assert ids(("body", both)) == ["new-start", "nuclear-arms-control"]


def test_the_host_of_a_meeting_is_no_party_of_it() -> None:
    assert ids(("title", "Ngoại trưởng Mỹ, Nga gặp nhau ở Ấn Độ")) == ["us-russia-relations"]


def test_people_in_a_headline_stand_for_their_countries() -> None:
    title: tuple[BlockKind, str] = ("title", "Ông Mẫu và ông Thông hội đàm kín")
    assert ids(title, people={"Trần Mẫu": "US", "Lê Thông": "RU"}) == ["us-russia-relations"]
    assert ids(title, people={"Trần Mẫu": "US", "Lê Thôn": "RU"}) == []
    assert ids(title) == []


@pytest.mark.parametrize("words", ["Việt Nam gặp Campuchia ở bán kết", "Thủ môn Nga từ chối gặp đội Mỹ"])
def test_teams_that_meet_are_no_states(words: str) -> None:
    assert ids(("title", words), ("body", f"{words}.")) == []
