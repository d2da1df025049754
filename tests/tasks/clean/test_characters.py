import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.clean.characters import clean_line, lines_of


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("hoa\u0300  bi\u0300nh", "hoà bình"),
        ("ê\u0323", "ệ"),
        ("\xa0a\xa0\t b\u3000", "a b"),
        ("dự kiến\u200b\u200b sẽ", "dự kiến sẽ"),
        ("Gene\xadva\ufeff", "Geneva"),
        ("e\u200d\u0301", "é"),
        ("a\ud800b", "ab"),
        ("a" + "\u0301" * 100_000, "á" + "\u0301" * 7),
    ],
)
def test_one_way_to_write_it(raw, clean):
    assert clean_line(raw) == clean


def test_every_kind_of_line_break_counts_and_empty_lines_do_not():
    assert lines_of("a\r\nb\rc\n\n \nd\u2028e\x0bf\x85g") == ["a", "b", "c", "d", "e", "f", "g"]


@given(st.text())
def test_a_cleaned_line_stays_as_it_is(text):
    assert clean_line(clean_line(text)) == clean_line(text)
    assert lines_of("\n".join(lines_of(text))) == lines_of(text)
