from datetime import UTC, date, datetime

import pytest
from web_pages import clean, published, web_page

from tasks.clean.address_dates import address_day

OUTLET = r"-(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)\d{9}\.htm$"
SHORT = r"-185(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)\d{9}\.htm$"
HEAD = '<meta property="article:published_time" content="{}">'
FOLDER = "https://baomau.example/2025/05/12/chia-se-nuoc.html"
BEGUN = "https://baomau.example/chia-se-nuoc-20250512214000123.htm"


@pytest.mark.parametrize(
    ("url", "pattern", "day", "is_local"),
    [
        ("https://baomau.example/2025/05/12/chia-se-nuoc.html", None, date(2025, 5, 12), False),
        ("https://baomau.example/tin/2025-5-12/chia-se-nuoc", None, date(2025, 5, 12), False),
        ("https://baomau.example/nuoc-20250512094000123.htm", OUTLET, date(2025, 5, 12), True),
        ("https://baomau.example/nuoc-185250512094000123.htm", SHORT, date(2025, 5, 12), True),
        ("https://baomau.example/nuoc-20251312094000123.htm", OUTLET, None, None),
        ("https://baomau.example/nuoc-20250512094000123.htm", None, None, None),
        ("https://baomau.example/nghi-quyet-2024-07-15-co-hieu-luc.html", None, None, None),
        ("https://baomau.example/2025/02/30/chia-se-nuoc.html", None, None, None),
        ("https://baomau.example/2025/chia-se-nuoc.html", None, None, None),
        (None, OUTLET, None, None),
    ],
)
def test_the_day_in_an_address(url, pattern, day, is_local):
    found = address_day(url, pattern)
    assert (found and found.day, found and found.is_local) == (day, is_local)


@pytest.mark.parametrize(
    ("url", "head", "expected"),
    [
        (FOLDER, "", ("2025-05-12T00:00+07:00", "url")),
        (FOLDER, HEAD.format("2025-05-12T09:40:00+07:00"), ("2025-05-12T09:40+07:00", "meta")),
        (FOLDER, HEAD.format("2025-05-11T23:40:00+07:00"), ("2025-05-11T23:40+07:00", "meta")),
        (FOLDER, HEAD.format("2025-06-20T09:40:00+07:00"), ("2025-05-12T00:00+07:00", "url")),
        (FOLDER.replace("2025", "2031"), "", (None, None)),
        (BEGUN, "", ("2025-05-12T00:00+07:00", "url")),
        (BEGUN, HEAD.format("2025-05-13T05:00:00+07:00"), ("2025-05-13T05:00+07:00", "meta")),
        (BEGUN, HEAD.format("2025-05-11T05:00:00+07:00"), ("2025-05-12T00:00+07:00", "url")),
    ],
)
def test_the_address_is_a_witness(url, head, expected):
    assert published(clean(web_page(head), url, address_date=OUTLET)) == expected


def test_a_feed_that_states_another_day_than_the_address_is_not_believed():
    said = {"published_at": datetime(2025, 5, 13)}  # noqa: DTZ001 (feeds may state a day alone)
    assert published(clean(web_page(), BEGUN, address_date=OUTLET, sidecar=said)) == ("2025-05-12T00:00+07:00", "url")
    said = {"published_at": datetime(2025, 5, 12, 22, tzinfo=UTC)}
    assert published(clean(web_page(), BEGUN, address_date=OUTLET, sidecar=said))[1] == "feed"
