from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.clean.feed_dates import read_feed_date

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Tue, 18 Jun 2024 08:30:00 +0700", "2024-06-18T01:30"),
        ("Tue, 18 Jun 2024 08:30:00 GMT", "2024-06-18T08:30"),
        ("Tue, 18 Jun 2024 08:30:00 GMT+7", "2024-06-18T01:30"),
        ("Tue, 18 Jun 2024 08:30:00 GMT +07:00", "2024-06-18T01:30"),
        ("Tue, 18 Jun 2024 08:30:00 (UTC-5)", "2024-06-18T13:30"),
        ("18 Jun 2024 08:30:00", "2024-06-18T01:30"),
        ("Tue, 18 Jun 24 08:30 +0700", "2024-06-18T01:30"),
        ("2024-06-18T08:30:00+07:00", "2024-06-18T01:30"),
        ("2024-06-18T01:30:00Z", "2024-06-18T01:30"),
        ("2024-06-18T01:30:00.123Z", "2024-06-18T01:30:00.123000"),
        ("2024-06-18 08:30:00", "2024-06-18T01:30"),
        ("2024-06-18 08:30:00 +0700", "2024-06-18T01:30"),
        ("2024-06-18", "2024-06-17T17:00"),
        ("18/06/2024 08:30", "2024-06-18T01:30"),
        ("18/6/2024 8:30:05 AM", "2024-06-18T01:30:05"),
        ("18-06-2024, 20:30 +0000", "2024-06-18T20:30"),
        ("18/06/2024 12:05:00 AM", "2024-06-17T17:05"),
        ("18/06/2024 12:05:00 PM", "2024-06-18T05:05"),
        ("  18/06/2024\n08:30 ", "2024-06-18T01:30"),
        ("06/18/2024", None),
        ("31/02/2024", None),
        ("18/06/2024 25:00", None),
        ("2024-06-31", None),
        ("2024", None),
        ("hôm qua", None),
        ("2 giờ trước", None),
        ("", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59-10:00", None),
        ("1718671800", "2024-06-18T00:50"),
        ("1718671800123", "2024-06-18T00:50"),
        ("171867180", None),
        ("Thứ ba, 18/06/2024 08:30", "2024-06-18T01:30"),
        ("Thứ 3, 18/06/2024 - 08:30", "2024-06-18T01:30"),
        ("Chủ nhật, 16/06/2024 | 08:30 (GMT+7)", "2024-06-16T01:30"),
        ("Thứ Ba, 18.6.2024, 8h30", "2024-06-18T01:30"),
        ("Tuesday, 18/06/2024 08:30", "2024-06-18T01:30"),
        ("08:30 18/06/2024", "2024-06-18T01:30"),
        ("8:30 ngày 18-6-2024", "2024-06-18T01:30"),
        ("08:30, 18/06/2024 (UTC+0)", "2024-06-18T08:30"),
        ("18/06/2024 08:30 ICT", "2024-06-18T01:30"),
        ("2024-06-18 08:30:00 ICT", "2024-06-18T01:30"),
        ("Tue, 18 Jun 2024 08:30:00 ICT", "2024-06-18T01:30"),
        ("2024-06-18T08:30:00 GMT", "2024-06-18T08:30"),
        ("June 18, 2024 8:30 AM", "2024-06-18T01:30"),
        ("Jun 18th, 2024 at 8:30 p.m.", "2024-06-18T13:30"),
        ("Tuesday, 18 June 2024 08:30:00 +0700", "2024-06-18T01:30"),
        ("18/06-2024 08:30", None),
        ("Thứ tám, 18/06/2024", None),
        ("Nonsense 18, 2024", None),
        ("2024-06-18T08:30:00+99:00", None),
    ],
)
def test_a_moment_is_read_or_not_known(text, moment):
    found = read_feed_date(text, zone=HANOI, date_order="dmy")
    assert found == (datetime.fromisoformat(moment).replace(tzinfo=UTC) if moment else None)


def test_the_order_of_digits_is_the_sources():
    assert read_feed_date("04/05/2024 00:00 +0000", zone=HANOI, date_order="dmy") == datetime(2024, 5, 4, tzinfo=UTC)
    assert read_feed_date("04/05/2024 00:00 +0000", zone=HANOI, date_order="mdy") == datetime(2024, 4, 5, tzinfo=UTC)


@given(st.text(max_size=80) | st.from_regex(r"[0-9/:. TZ+-]{1,30}", fullmatch=True))
@example("9999-12-31")
@example("0001-01-01T00:00:00+14:00")
@example("Mon, 99999999999999999999 Jan 2024 00:00:00 +0700")
@example("1 Jan 2024 00:00:00 +99999999999")
def test_any_text_is_a_moment_in_utc_or_none(text):
    found = read_feed_date(text, zone=HANOI, date_order="dmy")
    assert found is None or (found.tzinfo == UTC and found.year >= 1990)
