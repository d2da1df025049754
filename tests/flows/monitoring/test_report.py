"""A run's report holds words from hostile pages."""

from datetime import date

import pytest

from flows.monitoring.report import escape, run_report
from flows.run.summary import IngestSummary, MeetingNews, Tally


def report(*, title: str = "A talk", link: str = "https://paper.example/a", place: str | None = None) -> str:
    news = MeetingNews(
        day=date(2024, 3, 12), parties=("An | B", "C"), status="held", place=place, title=title, link=link
    )
    return run_report(summary(newest=(news,)))


def summary(**cells: object) -> IngestSummary:
    tally = Tally()
    tally.read = 3
    whole = tally.summary(run_id="r", source="src", lake="lake", seconds=1.25)
    return type(whole)(**{name: cells.get(name, getattr(whole, name)) for name in whole.__slots__})


def test_counts_come_first() -> None:
    text = run_report(summary(cleaned=2, rejected={"empty": 1}, rows={"articles": 2}, stage_seconds={"clean": 0.123}))
    assert "3 read, 2 cleaned, 1 rejected in 1.2 s, into lake" in text
    assert "| articles | 2 |" in text
    assert "| empty | 1 |" in text
    assert "| clean | 0.12 |" in text
    assert "Newest" not in text


def test_what_became_of_the_inputs_adds_up_or_is_called_a_mistake() -> None:
    account = {"seen": 3, "stored": 1, "unchanged": 0, "duplicate": 1, "rejected": 1, "later": 0, "lost": 0}
    text = run_report(summary(account=account, passed_over={"known": 5, "not_ok": 2}))
    assert "3 seen = 1 stored + 0 unchanged + 1 duplicate + 1 rejected + 0 later; beside them 5 known" in text
    assert "mistake" not in text
    assert "2 are not accounted for" in run_report(summary(account=account | {"seen": 5, "lost": 2}))


def test_a_meeting_links_to_its_source() -> None:
    assert "| 2024-03-12 | An \\| B, C | held |  | [A talk](https://paper.example/a) |" in report()


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "/home/an/one.txt", "C:\\one.txt"])
def test_what_is_no_web_address_is_no_link(link: str) -> None:
    assert "](" not in report(link=link)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("<script>alert(1)</script>", "\\<script\\>alert\\(1\\)\\</script\\>"),
        ("x](https://evil.example) [y", "x\\]\\(https\\://evil\\.example\\) \\[y"),
        ("two\n\n# lines | here", "two \\# lines \\| here"),
        ("&lt;b&gt;", "\\&lt;b\\&gt;"),
        ("Đối thoại «2+2»: kết quả", "Đối thoại «2\\+2»: kết quả"),
    ],
)
def test_hostile_titles_are_shown_as_they_are(title: str, shown: str) -> None:
    assert escape(title) == shown
    assert f"[{shown}](https://paper.example/a)" in report(title=title)


def test_a_hostile_address_cannot_leave_its_link() -> None:
    line = report(link="https://paper.example/a) <b> | `x`\n](y")
    assert "(https://paper.example/a%29%20%3Cb%3E%20%7C%20%60x%60%0A%5D%28y)" in line
