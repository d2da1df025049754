"""Who wrote an article: people, whatever the page's metadata call its author."""

import json

import pytest
from web_pages import clean, web_page

from tasks.clean.authors import read_author_names
from tasks.clean.boilerplate import load_boilerplate

EN = load_boilerplate("en")
ROLES = "<li><span>Tác giả, </span><span>Trần Bảo Ngân</span></li><li><span>Vai trò, </span><span>Báo Mẫu</span></li>"


def head(author, **more):
    data = {"@type": "NewsArticle", "headline": "x", "author": author, **more}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def meta(name, content):
    return f'<meta name="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ("Ada Thorne", ["Ada Thorne"]),
        ("Thorne, Ada", ["Ada Thorne"]),
        ("Thorne, Ada M.", ["Ada M. Thorne"]),
        ("Thorne, Ada; Larsen, Bo", ["Ada Thorne", "Bo Larsen"]),
        ("Ada Thorne, Bo Larsen", ["Ada Thorne", "Bo Larsen"]),
        ("Ada Thorne and Bo Larsen", ["Ada Thorne", "Bo Larsen"]),
        ("Ada Thorne, Bo Larsen & Cleo Marsh", ["Ada Thorne", "Bo Larsen", "Cleo Marsh"]),
        ("By Ada Thorne", ["Ada Thorne"]),
        ("Ludwig van Aachen", ["Ludwig van Aachen"]),
        ("admin", []),
        ("Editorial Team", []),
        ("https://www.facebook.com/ada", []),
        ("ada@baomau.example", []),
        ("user123", []),
        ("", []),
    ],
)
def test_names_in_a_statement_of_authors(stated, names):
    assert list(read_author_names(stated, EN)) == names


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        (head({"@type": "Person", "name": "Trần Bảo Ngân"}), ("Trần Bảo Ngân",)),
        (
            head([{"@type": "Person", "name": "Trần Bảo Ngân"}, {"name": "Lê Hoài Nam"}]),
            ("Trần Bảo Ngân", "Lê Hoài Nam"),
        ),
        (head("Trần Bảo Ngân"), ("Trần Bảo Ngân",)),
        (head({"@type": "Organization", "name": "Báo Mẫu"}), ()),
        (head({"@type": "Person", "name": "Báo Mẫu"}), ()),
        (head({"@type": "Person", "name": "baomau.example"}), ()),
        (head({"@type": "Person", "name": "BAOMAU"}), ()),
        (head({"@type": "Person", "name": "Ban biên tập"}) + meta("author", "Trần Bảo Ngân"), ("Trần Bảo Ngân",)),
        (head({"name": "Nhà in Mẫu"}, publisher={"@type": "Organization", "name": "Nhà in Mẫu"}), ()),
        (meta("author", "admin"), ()),
        (meta("author", "Trần Bảo Ngân và Lê Hoài Nam"), ("Trần Bảo Ngân", "Lê Hoài Nam")),
        (meta("article:author", "https://www.facebook.com/baomau"), ()),
    ],
)
def test_metadata_name_people_or_nobody(markup, authors):
    assert clean(web_page(f'<meta property="og:site_name" content="Báo Mẫu">{markup}')).authors == authors


@pytest.mark.parametrize(
    ("above", "authors"),
    [
        ('<div class="author">Trần Bảo Ngân</div>', ("Trần Bảo Ngân",)),
        ('<p class="byline">Trần Bảo Ngân - Lê Hoài Nam</p>', ("Trần Bảo Ngân", "Lê Hoài Nam")),
        (f'<section aria-labelledby="article-byline"><ul>{ROLES}</ul></section>', ("Trần Bảo Ngân",)),
        ('<p>Bởi <a rel="author" href="/u">Trần Bảo Ngân</a></p>', ("Trần Bảo Ngân",)),
        ('<div class="comments"><span class="author">Bạn Đọc Xa</span></div>', ()),
    ],
)
def test_by_lines_count_where_metadata_are_silent(above, authors):
    assert clean(web_page('<meta property="og:site_name" content="Báo Mẫu">', above=above)).authors == authors
