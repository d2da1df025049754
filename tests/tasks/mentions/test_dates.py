"""What the words of a date mean, against the day of publication and the dates told before."""

from datetime import date

import pytest
from annotated import read_document

TUESDAY = date(2024, 12, 17)


def spans(text, *, published=TUESDAY, language="vi"):
    dates = read_document(text, published=published, language=language).dates
    return [(str(one.first), str(one.last), one.precision) for one in dates]


def day(text):
    return (text, text, "day")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Ông Gruber tới Bern ngày 3/4/2021.", day("2021-04-03")),
        ("Ông Gruber tới Bern ngày 3/12.", day("2024-12-03")),
        ("Ông Gruber tới Bern ngày 3-1.", day("2025-01-03")),
        ("Ông Gruber tới Bern ngày 30/6.", day("2024-06-30")),
        ("Ông Gruber tới Bern ngày 24 tháng 10 năm 2019.", day("2019-10-24")),
        ("Ông Gruber ở Bern ngày 3-5/12.", ("2024-12-03", "2024-12-05", "day")),
        ("Ông Gruber ở Bern từ 30/11-2/12.", ("2024-11-30", "2024-12-02", "day")),
        ("Ông Gruber tới Bern hôm qua.", day("2024-12-16")),
        ("Ông Gruber tới Bern hôm thứ Hai.", day("2024-12-16")),
        ("Ông Gruber sẽ tới Bern vào thứ Sáu.", day("2024-12-20")),
        ("Ông Gruber tới Bern thứ Sáu tuần trước.", day("2024-12-13")),
        ("Ông Gruber tới Bern tháng 3/2023.", ("2023-03-01", "2023-03-31", "month")),
        ("Ông Gruber tới Bern hồi tháng 2.", ("2024-02-01", "2024-02-29", "month")),
        ("Ông Gruber tới Bern năm 2019.", ("2019-01-01", "2019-12-31", "year")),
        ("Ông Gruber tới Bern năm ngoái.", ("2023-01-01", "2023-12-31", "year")),
    ],
)
def test_words_become_days(text, span):
    assert spans(text) == [span]


@pytest.mark.parametrize(
    "text",
    ["Ông Gruber tới Bern ngày 31/2.", "Ông Gruber sẽ tới Bern trong thời gian tới.", "Ông Gruber tới Bern tháng 13."],
)
def test_what_is_no_day_has_none(text):
    assert all(span[0] == "None" for span in spans(text))


def test_a_day_without_a_year_has_none_if_nothing_tells_it():
    assert spans("Ông Gruber tới Bern ngày 3/12.", published=None) == [("None", "None", None)]


def test_a_weekday_tells_the_year_if_nothing_else_does():
    assert spans("Ông Gruber tới Bern thứ Ba, ngày 17/12.", published=None) == [day("2024-12-17")]


def test_the_same_day_is_that_of_the_event_told_last():
    text = "Ông Gruber tới Bern ngày 3/12. Cùng ngày, ông về nước."
    assert spans(text) == [day("2024-12-03"), day("2024-12-03")]


def test_a_year_holds_for_the_months_of_its_sentence_only():
    text = "Năm 2019, ông Gruber tới Bern vào tháng 3. Ông trở lại hồi tháng 5."
    assert [span[0] for span in spans(text)] == ["2019-01-01", "2019-03-01", "2024-05-01"]


def test_listed_years_are_dates_of_their_own():
    assert [span[0][:4] for span in spans("Ông Gruber tới Bern các năm 2001, 2006, 2013.")] == ["2001", "2006", "2013"]


def test_a_weekday_that_contradicts_its_date_is_told():
    right, wrong = (
        read_document(f"Ông Gruber tới Bern {weekday}, ngày 17/12/2024.").dates[0] for weekday in ("thứ Ba", "thứ Tư")
    )
    assert (right.contradicted, wrong.contradicted) == (False, True)


def test_a_gloss_in_brackets_is_no_other_date():
    assert spans("Ông Gruber tới Bern ngày 3/12 (rạng sáng 4/12 giờ Việt Nam).") == [day("2024-12-03")]


def test_english_months_are_read():
    assert spans("He came to Bern on May 3, 2021.", language="en") == [day("2021-05-03")]
