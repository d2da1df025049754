"""From attributions to rows: kind, span, and who goes on speaking."""

import pytest
from annotated import make_article, read_document

from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes


def rows(*paragraphs, language="vi"):
    return [(one.kind, one.speaker, one.text) for one in find_quotes(read_document(*paragraphs, language=language))]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Ông Gruber nói: “Cầu đã mở”.", ("direct", "Gruber", "Cầu đã mở")),
        ("Ông Gruber nói rằng cầu đã mở.", ("indirect", "Gruber", "cầu đã mở")),
        ("Ông Gruber nói rằng cầu “rất đẹp” đã mở.", ("mixed", "Gruber", "cầu “rất đẹp” đã mở")),
        ("Ông Gruber cho biết “rất vui”.", ("mixed", "Gruber", "“rất vui”")),
    ],
)
def test_marks_and_their_length_tell_the_kind(text, row):
    assert rows(text) == [row]


def test_spans_point_at_the_words():
    document = read_document("Ông Gruber nói rằng cầu “rất đẹp” đã mở.")
    quote = find_quotes(document)[0]
    assert document.text(quote.start, quote.end) == quote.text
    assert [document.text(span.start, span.end) for span in quote.quoted] == ["rất đẹp"]
    assert document.text(quote.cue_start, quote.cue_end) == "nói"


def test_a_quote_alone_goes_on_from_the_last_speaker():
    going_on = "“Phí qua cầu sẽ không tăng trong năm nay”."
    found = find_quotes(read_document(f"Ông Gruber nói rằng cầu đã mở. {going_on}"))
    assert [(one.speaker, one.rule) for one in found][1] == ("Gruber", "continued")


@pytest.mark.parametrize("alone", ["“Cầu mới”.", "Cuốn sách “Phí qua cầu sẽ không tăng trong năm nay” đã in."])
def test_a_slogan_or_a_title_does_not(alone):
    assert len(rows(f"Ông Gruber nói rằng cầu đã mở. {alone}")) == 1


def test_nobody_goes_on_if_nobody_spoke():
    assert rows("“Phí qua cầu sẽ không tăng trong năm nay”.") == []


def test_a_colon_at_the_end_of_a_paragraph_opens_the_next_one():
    assert rows("Ông Gruber nói:", "“Cầu đã mở”.") == [("direct", "Gruber", "Cầu đã mở")]


def test_a_lead_that_the_body_says_again_gives_no_row():
    said = "Ông Gruber nói rằng cầu mới ở Linz đã mở sáng nay"
    article = make_article(f"{said}.", f"{said} sau hai năm xây dựng.", first="lead")
    assert len(find_quotes(annotate(article))) == 1


def test_a_lead_that_says_something_else_stays():
    article = make_article("Ông Gruber nói rằng phí sẽ tăng.", "Ông Gruber nói rằng cầu mới đã mở.", first="lead")
    assert len(find_quotes(annotate(article))) == 2


def test_media_convey_what_others_say():
    assert rows("Theo Reuters, ông Gruber nói rằng cầu đã mở.") == [("indirect", "Gruber", "cầu đã mở")]


@pytest.mark.parametrize(
    ("text", "addressee"),
    [
        ("Ông Karl Gruber nói với bà Kari Nilsen rằng cầu đã mở.", "Kari Nilsen"),
        ("Ông Karl Gruber đề nghị bà Kari Nilsen giảm phí qua cầu.", "Kari Nilsen"),
        ("Ông Karl Gruber nói rằng cầu đã mở.", None),
    ],
)
def test_the_addressee_is_who_is_spoken_to(text, addressee):
    assert find_quotes(read_document(text))[0].addressee == addressee
