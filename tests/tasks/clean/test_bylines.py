import pytest

from tasks.clean.boilerplate import load_boilerplate
from tasks.clean.bylines import find_authors, find_wire

VI, EN = load_boilerplate("vi"), load_boilerplate("en")


@pytest.mark.parametrize(
    ("line", "authors", "wire"),
    [
        ("Thu Hà (Theo NPR)-Thứ sáu, ngày 03/03/2023 06:58 GMT+7", ("Thu Hà",), "NPR"),
        ("Thiên Thanh, theo RT", ("Thiên Thanh",), "RT"),
        ("MINH CHÂU - Hải Nam", ("MINH CHÂU", "Hải Nam"), None),
        ("Bài: Lê Minh và Trần Hoa", ("Lê Minh", "Trần Hoa"), None),
        ("PV thường trú tại Bắc Kinh", (), None),
        ("TTXVN/Vietnam+", (), "TTXVN"),
        ("(Theo Tân Hoa Xã)", (), "Tân Hoa Xã"),
        ("", (), None),
    ],
)
def test_names_and_agencies_in_vietnamese_bylines(line, authors, wire):
    assert (find_authors([line], VI), find_wire([line], VI)) == (authors, wire)


@pytest.mark.parametrize(
    ("line", "authors", "wire"),
    [
        ("By Anna Smith and John O'Brien", ("Anna Smith", "John O'Brien"), None),
        ("By the Associated Press", (), "AP"),
        ("Reporting by Anna Smith", ("Anna Smith",), None),
    ],
)
def test_names_and_agencies_in_english_bylines(line, authors, wire):
    assert (find_authors([line], EN), find_wire([line], EN)) == (authors, wire)


def test_a_name_counts_once_in_order():
    assert find_authors(["Lê Minh", "Trần Hoa", "Lê Minh"], VI) == ("Lê Minh", "Trần Hoa")
