import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.language.quotation_marks import pair_marks

MARKED = st.text(alphabet="“”«»„\"〝＂‘’' .,aB1", max_size=60)


def inside(text, **options):
    return [text[mark.inner_start : mark.inner_end] for mark in pair_marks(text, 0, len(text), **options)]


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("Bà nói “trời đẹp”.", ["trời đẹp"]),
        ('Bà nói "trời đẹp".', ["trời đẹp"]),
        ('Bà nói “trời đẹp".', ["trời đẹp"]),
        ('Bà nói "trời đẹp”.', ["trời đẹp"]),
        ("Bà nói «trời đẹp» và “mát”.", ["trời đẹp", "mát"]),
        ('"Trời đẹp", bà nói, "và mát".', ["Trời đẹp", "và mát"]),
        ("Bà nói “trời ‘rất’ đẹp”.", ["trời ‘rất’ đẹp"]),
        ("Tấm biển ghi ‘Cấm vào’.", ["Cấm vào"]),
        ("O'Brien and D'Arcy came.", []),
        ("The ministers' plan was the farmers' plan.", []),
        ("Bà nói “trời đẹp.", []),
        ("Bà nói “”.", []),
        ("Bà nói “ ”, rồi “trời đẹp”.", ["trời đẹp"]),
        ("Bà nói “ ” trời đẹp.", []),
        ("‘We’ll open it in May,’ she said.", ["We’ll open it in May,"]),
        ("'It's old, and we don't know its age.'", ["It's old, and we don't know its age."]),
        ("‘The farmers’ bridge is old,’ she said.", ["The farmers’ bridge is old,"]),
        ("‘Closed’ stood on one board, ‘Open’ on another.", ["Closed", "Open"]),
        ("In the '90s, the bridge's rails were the farmers'.", []),
        ("'Tis old. She wrote 'old.'", ["old."]),
        ('Bà nói "trời. Rồi "trời đẹp".', ["trời đẹp"]),
        ("“Trời đẹp.", []),
    ],
)
def test_only_direction_counts(text, stretches):
    assert inside(text) == stretches


def test_a_speech_goes_on_in_the_next_paragraph():
    assert inside("“Trời đẹp.", goes_on=True) == ["Trời đẹp."]
    assert inside("Bà nói: “Trời đẹp.", goes_on=True) == ["Trời đẹp."]
    assert inside("Bà nói: “Trời đẹp.", goes_on=False) == []


def test_only_the_paragraph_is_read():
    text = "“A” “B” “C”"
    assert [text[m.inner_start : m.inner_end] for m in pair_marks(text, 4, 7)] == ["B"]


@given(text=MARKED | st.text(max_size=60), goes_on=st.booleans(), data=st.data())
def test_stretches_lie_inside_and_in_order(text, goes_on, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    done = start
    for mark in pair_marks(text, start, end, goes_on=goes_on):
        assert done <= mark.outer_start < mark.inner_start < mark.inner_end <= mark.outer_end <= end
        done = mark.outer_end
