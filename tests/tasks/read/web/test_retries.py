import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RejectArticle, RetryLater
from schemas.settings import FetchSettings
from tasks.read.web.retries import backoff_seconds, draw_evenly, retry, retry_after_seconds

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
SETTINGS = FetchSettings(attempts=4, backoff_seconds=1, max_backoff_seconds=5, max_retry_after_seconds=60)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Thu, 05 Mar 2026 12:02:00 GMT", 120),
        ("Thu, 05 Mar 2026 12:02:00", 120),
        ("Thu, 05 Mar 2026 11:00:00 GMT", 0),
        ("Thursday, 05-Mar-26 12:02:00 GMT", 120),
        ("9" * 5_000, 7 * 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86_400),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_how_long_a_host_asks_us_to_wait(header, seconds):
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text(max_size=40))
def test_no_header_is_too_odd(header):
    pause = retry_after_seconds(header, NOW)
    assert pause is None or 0 <= pause <= 7 * 86_400


def test_the_range_of_pauses_doubles_up_to_a_bound():
    ranges = [backoff_seconds(failures, SETTINGS, lambda most: most) for failures in (1, 2, 3, 4, 5, 10_000)]
    assert ranges == [1, 2, 4, 5, 5, 5]


@given(st.floats(0, 1e6))
def test_pauses_are_drawn_from_the_whole_range(most):
    assert 0 <= draw_evenly(most) <= most


class Flaky:
    def __init__(self, *errors):
        self.errors = list(errors)
        self.pauses = []

    async def attempt(self):
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    async def pause(self, seconds):
        self.pauses.append(seconds)

    def run(self):
        return asyncio.run(retry(self.attempt, self.pause, SETTINGS, lambda most: most))


def test_what_passes_is_tried_again_with_growing_pauses():
    flaky = Flaky(*[RetryLater("http_503", "down")] * 3)
    assert (flaky.run(), flaky.pauses) == ("done", [1, 2, 4])


def test_tries_are_bounded():
    flaky = Flaky(*[RetryLater("connection_lost", "reset")] * 9)
    with pytest.raises(RetryLater):
        flaky.run()
    assert (len(flaky.errors), flaky.pauses) == (5, [1, 2, 4])


def test_a_second_time_out_is_the_last():
    slow, down = RetryLater("timeout", "slow"), RetryLater("http_503", "down")
    flaky = Flaky(slow, down, slow, slow)
    with pytest.raises(RetryLater):
        flaky.run()
    assert (flaky.errors, flaky.pauses) == ([slow], [1, 2])


def test_what_does_not_pass_is_not_tried_again():
    flaky = Flaky(RejectArticle("http_404", "none"))
    with pytest.raises(RejectArticle):
        flaky.run()
    assert flaky.pauses == []


def test_a_pause_that_is_asked_for_is_kept_and_a_long_one_is_not_waited_for():
    flaky = Flaky(RetryLater("http_503", "down", 30), RetryLater("http_503", "down", 0), RetryLater("x", "", 61))
    with pytest.raises(RetryLater) as caught:
        flaky.run()
    assert (caught.value.wait_seconds, flaky.pauses) == (61, [30, 2])
