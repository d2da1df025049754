import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import StopFlow
from tasks.language.folding import fold
from tasks.topics.vocabulary import TermIndex, TopicEntry, TopicTerm, load_vocabulary, match_terms

NAMES = 'plover_contexts = ["diplomatic", "cbrn"]\nRU = ["nga", "moscow"]\nUS = ["mỹ"]\n'
GENERAL = """
[[topic]]
topic_id = "relations"
label = "Relations"
label_vi = "Quan hệ"
iptc = "medtop:20000638"
plover = "diplomatic"
terms = [{ text = "quan hệ song phương", weight = 0.7, lang = "vi" }]
example = "Hai bên bàn quan hệ song phương."
counter_example = "Hai người quen nhau từ nhỏ."
"""
SPECIFIC = """
[[topic]]
topic_id = "us-russia"
parent = "relations"
label = "US-Russia"
label_vi = "Mỹ - Nga"
countries = ["US", "RU"]
terms = [{ text = "bang giao", weight = 0.8, lang = "vi", needs = ["khôi phục|nối lại"] }]
example = "Nga và Mỹ khôi phục bang giao."
counter_example = "Nga khôi phục bang giao."
"""


def folder_of(tmp_path: Path, topics: str, names: str = NAMES) -> Path:
    folder = tmp_path / "topics"
    folder.mkdir()
    (folder / "names.toml").write_text(names, encoding="utf-8")
    (folder / "some.toml").write_text(topics, encoding="utf-8")
    return tmp_path


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


def test_specific_entry_inherits_codes_and_asks_for_its_countries(tmp_path: Path) -> None:
    _, specific = load_vocabulary(folder_of(tmp_path, GENERAL + SPECIFIC))
    assert (specific.parent, specific.iptc, specific.plover) == ("relations", "medtop:20000638", "diplomatic")
    assert specific.terms[0].needs == (("khôi phục", "nối lại"), ("mỹ", "@US"), ("nga", "moscow", "@RU"))
    assert "us-russia" in match_terms(specific.example, [specific])
    assert match_terms(specific.counter_example, [specific]) == {}


def test_named_group_stands_for_its_words(tmp_path: Path) -> None:
    topics = GENERAL.replace('lang = "vi"', 'lang = "vi", needs = ["đại sứ|@RU"]')
    (general,) = load_vocabulary(folder_of(tmp_path, topics))
    assert general.terms[0].needs == (("đại sứ", "nga", "moscow", "@RU"),)


def test_named_group_as_text_is_one_term_for_each_word(tmp_path: Path) -> None:
    (general,) = load_vocabulary(folder_of(tmp_path, GENERAL.replace("quan hệ song phương", "@RU", 1)))
    assert [(term.text, term.weight) for term in general.terms] == [("nga", 0.7), ("moscow", 0.7)]


def test_an_unknown_group_as_text_stops(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"relations: text '@XX'"):
        load_vocabulary(folder_of(tmp_path, GENERAL.replace("quan hệ song phương", "@XX", 1)))


def test_a_country_that_a_person_stands_for_counts_as_named(tmp_path: Path) -> None:
    index = TermIndex(load_vocabulary(folder_of(tmp_path, GENERAL + SPECIFIC)))
    text = "Hai ông nối lại bang giao."
    assert index.match(fold(text), ["US"]) == {}
    assert list(index.match(fold(text), ["US", "RU", "ZZ"])) == ["us-russia"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("weight = 0.7", "weight = 1.7", "weight 1.7"),
        ("weight = 0.7", "weight = 0.0", "weight 0.0"),
        ("weight = 0.7", 'weight = "high"', "weight 'high'"),
        ('lang = "vi"', 'lang = "Vietnamese"', "does not look like"),
        ('lang = "vi"', 'lang = "vi", needs = ["@FR"]', "'@FR'"),
        ('lang = "vi"', 'lang = "vi", needs = ["nga||mỹ"]', "needs is ''"),
        ('lang = "vi"', 'lang = "vi", wieght = 1.0', "unknown keys ['wieght']"),
        ('"relations"', '"Relations!"', "does not look like"),
        ("medtop:20000638", "20000638", "does not look like"),
        ('"diplomatic"', '"diplomacy"', "no context of PLOVER"),
        ('label = "Relations"', 'label = " "', "label is ' '"),
        ('label = "Relations"\n', "", "label is None"),
        ('label_vi = "Quan hệ"', f'label_vi = "{unicodedata.normalize("NFD", "Quan hệ")}"', "not NFC"),
        ('terms = [{ text = "quan hệ song phương", weight = 0.7, lang = "vi" }]', "terms = []", "terms must be"),
        ('iptc = "medtop:20000638"', 'parent = "nothing"', "'nothing' is not a general topic"),
    ],
)
def test_bad_seed_stops_and_names_file_and_entry(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in GENERAL
    with pytest.raises(StopFlow) as stopped:
        load_vocabulary(folder_of(tmp_path, GENERAL.replace(old, new)))
    message = str(stopped.value)
    assert complaint in message
    assert "topics" in message
    assert "elations" in message


def test_same_id_twice_stops(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"some\.toml: relations: .*twice"):
        load_vocabulary(folder_of(tmp_path, GENERAL + GENERAL))


def test_third_level_stops(tmp_path: Path) -> None:
    third = SPECIFIC.replace('"us-russia"', '"deeper"').replace('parent = "relations"', 'parent = "us-russia"')
    with pytest.raises(StopFlow, match="deeper: parent 'us-russia' is not a general topic"):
        load_vocabulary(folder_of(tmp_path, GENERAL + SPECIFIC + third))


def test_broken_toml_stops_and_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"some\.toml"):
        load_vocabulary(folder_of(tmp_path, "[[topic"))


def test_missing_folder_stops(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"names\.toml"):
        load_vocabulary(tmp_path)


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
