import pytest

from schemas.errors import RetryLater
from tasks.read.web.robots import NO_ROBOTS, Robots, parse_robots

URL = "http://tin.vn/tin/bai-1.html"


def parse(text, most=60.0):
    body = text if isinstance(text, bytes) else text.encode()
    return parse_robots(body, host="tin.vn", max_crawl_delay_seconds=most)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", "allowed"),
        ("User-agent: *\nDisallow: /\n", "disallowed"),
        ("user-agent: *\r\ndisallow: /tin/\r\n", "disallowed"),
        ("User-agent: *\nDisallow: /tin/\nAllow: /tin/bai-1", "allowed"),
        ("User-agent: *\nDisallow: /*.html$", "disallowed"),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Parley\nDisallow: /admin", "allowed"),
        ("User-agent: *\nDisallow:\n\nUser-agent: PARLEY\nDisallow: /tin", "disallowed"),
        ("User-agent: Parley/2.0 (x)\nDisallow: /", "disallowed"),
        ("User-agent: Googlebot\nUser-agent: Parley\nDisallow: /", "disallowed"),
        ("User-agent: Googlebot\nDisallow: /", "allowed"),
        ("User-agent: Par\nDisallow: /", "allowed"),
        ("User-agent: ParleyBot\nDisallow: /", "allowed"),
        ("User-agent:\nDisallow: /", "allowed"),
        ("Disallow: /", "allowed"),
        ("\ufeffUser-agent: *\nDisallow: /", "disallowed"),
        (b"\xff\xfe\x00 nonsense\nUser-agent: *\nDisallow: /", "disallowed"),
        ("<html><body>Trang chủ</body></html>", "allowed"),
    ],
)
def test_what_robots_txt_says_to_us(text, verdict):
    assert parse(text).verdict(URL) == verdict


def test_vietnamese_paths_match_escaped_or_not():
    rules = parse("User-agent: *\nDisallow: /hội-đàm\n")
    assert rules.verdict("http://tin.vn/h%E1%BB%99i-%C4%91%C3%A0m/1") == "disallowed"


@pytest.mark.parametrize(("line", "delay"), [("7", 7.0), ("0.5", 0.5), ("-1", None), ("soon", None), ("inf", None)])
def test_the_crawl_delay(line, delay):
    assert parse(f"User-agent: *\nCrawl-delay: {line}\n").crawl_delay_seconds == delay


def test_a_longer_delay_than_we_obey_is_kept_and_logged(caplog):
    assert parse("User-agent: *\nCrawl-delay: 3600\n").crawl_delay_seconds == 3600
    assert caplog.messages == ["tin.vn asks for 3600 s between requests; it is asked every 60 s"]


def test_ten_thousand_agents_with_as_many_rules_cost_what_one_does():
    agents = "".join(f"User-agent: bot{number}\n" for number in range(10_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(10_000))
    assert parse(f"User-agent: *\n{agents}{rules}Disallow: /tin\n").verdict(URL) == "disallowed"


def test_no_robots_and_unavailable_robots():
    assert NO_ROBOTS.verdict(URL) == "none"
    assert Robots(None, failure=RetryLater("http_500", "down")).verdict(URL) == "unavailable"
