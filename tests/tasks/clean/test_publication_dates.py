from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tasks.clean.publication_dates import choose_published, state_date

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOWHERE = ZoneInfo("UTC")
WASHINGTON = timezone(timedelta(hours=-4))
FETCHED = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime.fromisoformat("2024-06-20"), HANOI, 20),  # midnight there, 19 June in UTC
        (datetime(2024, 6, 19, 17, tzinfo=UTC), HANOI, 20),
        (datetime(2024, 6, 19, 23, 30, tzinfo=WASHINGTON), HANOI, 20),
        (datetime.fromisoformat("2024-06-20"), NOWHERE, 20),  # the day as printed
        (datetime(2024, 6, 19, 23, 30, tzinfo=WASHINGTON), NOWHERE, 19),
        (datetime(2024, 6, 19, 23, 30, tzinfo=UTC), NOWHERE, 19),
    ],
)
def test_the_day_is_that_of_the_outlet_and_else_the_one_that_is_printed(moment, zone, day) -> None:
    stated = state_date(moment, zone)
    published_at, _ = choose_published([("meta", stated)], address=None, zone=zone, fetched_at=FETCHED)
    assert published_at is not None
    assert published_at.date().day == day
