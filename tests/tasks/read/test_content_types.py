import pytest

from tasks.read.content_types import looks_like_html, parse_content_type


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["text/html; charset=UTF-8"], ("text/html", "utf-8")),
        (["text/html", "text/html;charset=utf-8"], ("text/html", "utf-8")),
        (["text/html;charset=utf-8", "image/png"], ("image/png", None)),
        (["text/html, nonsense"], ("text/html", None)),
        (["nonsense"], (None, None)),
        ([], (None, None)),
    ],
)
def test_of_several_types_the_last_counts(values, found):
    assert parse_content_type(values) == found


@pytest.mark.parametrize(
    ("body", "is_html"),
    [
        (b"<!DOCTYPE html>", True),
        (b"\xef\xbb\xbf \n<!-- a --><html>", True),
        (b"<?xml version='1.0'?><html xmlns='x'>", True),
        (b"<title>Tin</title>", True),
        (b"<rss>", False),
        (b"<htmlx>", False),
        (b"words <html>", False),
        (b"<!--" + b"-" * 20_000, False),
        (b"", False),
    ],
)
def test_a_page_is_known_by_its_beginning(body, is_html):
    assert looks_like_html(body) is is_html
