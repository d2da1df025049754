from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.topics.term_index import TermIndex, match_terms
from tasks.topics.vocabulary import TopicEntry, TopicTerm


def entry(topic_id: str, *terms: TopicTerm) -> TopicEntry:
    return TopicEntry(
        topic_id=topic_id,
        parent=None,
        label=topic_id,
        label_vi=topic_id,
        iptc=None,
        plover=None,
        countries=(),
        terms=terms,
        example="",
        counter_example="",
    )


def term(text: str, weight: float = 0.5, *needs: tuple[str, ...]) -> TopicTerm:
    return TopicTerm(text=text, weight=weight, lang="vi", needs=needs)


def test_only_whole_words_count() -> None:
    vocabulary = [entry("coc", term("COC"))]
    assert match_terms("Cuộc họp về coca", vocabulary) == {}
    assert match_terms("Đàm phán COC.", vocabulary) == {"coc": [(9, 12, 0.5)]}


def test_term_may_end_in_a_sign() -> None:
    assert match_terms("Nhóm OPEC+ họp", [entry("opec", term("OPEC+"))]) == {"opec": [(5, 10, 0.5)]}


def test_needs_are_met_in_the_same_paragraph_only() -> None:
    vocabulary = [entry("summit", term("thượng đỉnh", 0.9, ("nga",), ("mỹ", "hoa kỳ")))]
    assert match_terms("Thượng đỉnh Nga\nvà Mỹ", vocabulary) == {}
    assert match_terms("Nga\nThượng đỉnh Nga và Hoa Kỳ", vocabulary) == {"summit": [(4, 15, 0.9)]}


def test_longest_of_overlapping_terms_counts_once_per_topic() -> None:
    vocabulary = [
        entry("new-start", term("hiệp ước New START", 1.0), term("New START", 0.9)),
        entry("treaties", term("hiệp ước", 0.4)),
    ]
    text = "Về hiệp ước New START và New START"
    assert match_terms(text, vocabulary) == {
        "new-start": [(3, 21, 1.0), (25, 34, 0.9)],
        "treaties": [(3, 11, 0.4)],
    }


def test_of_equal_terms_the_surer_one_counts() -> None:
    vocabulary = [entry("nato", term("NATO", 0.3), term("NATO", 0.8, ("gia nhập",)))]
    assert match_terms("Xin gia nhập NATO", vocabulary) == {"nato": [(13, 17, 0.8)]}
    assert match_terms("Họp NATO", vocabulary) == {"nato": [(4, 8, 0.3)]}


@pytest.mark.parametrize("text", ["bình thường hoá", "BÌNH THƯỜNG HÓA", "Bình thường hóa"])
def test_case_and_place_of_tone_marks_do_not_matter(text: str) -> None:
    assert match_terms(text, [entry("normal", term("bình thường hóa"))]) == {"normal": [(0, 15, 0.5)]}


@pytest.mark.parametrize("dash", "-–—‑")
def test_kind_of_dash_does_not_matter(dash: str) -> None:
    assert match_terms(f"Nga {dash} Mỹ", [entry("pair", term("Nga - Mỹ"))]) == {"pair": [(0, 8, 0.5)]}


def test_no_match_is_no_topic() -> None:
    assert match_terms("", [entry("coc", term("COC"))]) == {}


@given(
    st.lists(st.sampled_from(["COC", "quan hệ", "Biển Đông", "🙂", "İ", "\u00a0", "\n", " ", "x", "hoà"]), max_size=30)
)
def test_offsets_give_the_words_back(pieces: list[str]) -> None:
    text = "".join(pieces)
    index = TermIndex([entry("a", term("COC"), term("Biển Đông")), entry("b", term("quan hệ"), term("hòa"))])
    for hits in match_terms(text, index).values():
        assert {text[start:end] for start, end, _ in hits} <= {"COC", "Biển Đông", "quan hệ", "hoà"}
        assert all(end <= start for (_, end, _), (start, _, _) in pairwise(hits))
