"""Headlines of pages: without the site's name, one of several spellings, never the brand."""

import json

import pytest
from web_pages import ENGLISH, TITLE, clean, paragraphs, parts, web_page

from tasks.clean.headlines import same_headline, without_site_name

OG = '<meta property="og:title" content="{}">'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Minister: 'We wait'", "Minister: ‘We wait’", True),
        ("Nga - Mỹ nối lại đàm phán", "Nga – Mỹ nối lại đàm phán", True),
        ("Hai tỉnh ký thỏa thuận", "HAI TỈNH KÝ THOẢ THUẬN", True),
        ("Hai tỉnh ký thỏa thuận chia nước", "Hai tỉnh ký thỏa thuận chia nước | Báo Mẫu", True),
        ("Hai tỉnh ký thỏa thuận chia nước", "Báo Mẫu: Hai tỉnh ký thỏa thuận chia nước", True),
        ("Thế giới", "Thế giới hôm nay chờ đợi hội nghị", False),
        ("Hai tỉnh ký thỏa thuận chia nước", "Ba tỉnh ký thỏa thuận chia nước", False),
        ("", "", False),
    ],
)
def test_when_two_texts_are_one_headline(one, other, same):
    assert same_headline(one, other) is same_headline(other, one) is same


@pytest.mark.parametrize(
    ("title", "cut"),
    [
        ("Hai tỉnh ký thỏa thuận - Báo Mẫu | baomau.example", "Hai tỉnh ký thỏa thuận"),
        ("Báo Mẫu | Hai tỉnh ký thỏa thuận", "Hai tỉnh ký thỏa thuận"),
        ("Hai tỉnh ký thỏa thuận | Thời sự | Báo Mẫu", "Hai tỉnh ký thỏa thuận"),
        ("Nga - Mỹ nối lại đàm phán", "Nga - Mỹ nối lại đàm phán"),
        ("Nga - Mỹ nối lại đàm phán - Báo Mẫu", "Nga - Mỹ nối lại đàm phán"),
        ("Đàm phán: hai bên còn xa nhau", "Đàm phán: hai bên còn xa nhau"),
        ("Báo Mẫu", "Báo Mẫu"),
    ],
)
def test_the_name_of_the_site_is_cut_off(title, cut):
    assert without_site_name(title, headings=[], site_names=["Báo Mẫu", "baomau.example"]) == cut


@pytest.mark.parametrize(
    ("head", "heading"),
    [
        (OG.format(f"{TITLE} - Báo Mẫu"), f"<h1>{TITLE}</h1>"),
        (OG.format(f"{TITLE} - Xã hội | Báo Mẫu"), "<div class='t'>x</div>"),
        (OG.format("Báo Mẫu"), f"<h1>{TITLE}</h1>"),
        ('<meta property="og:site_name" content="Tờ Mẫu Online">' + OG.format("Tờ Mẫu Online"), f"<h1>{TITLE}</h1>"),
        ("", f"<h1><a href='/'>Báo Mẫu</a></h1><h1>{TITLE}</h1>"),
        ("", f"<h1 class='logo'><img alt='Báo Mẫu'></h1><h2>{TITLE}</h2>"),
        (OG.format("Báo Mẫu"), f"<h1>{TITLE.replace(' ký ', '<br>ký ')}</h1>"),
        ("", "<h1><span>Hai tỉnh ven sông</span> <em>ký thỏa thuận</em> chia sẻ nguồn nước</h1>"),
    ],
)
def test_the_headline_is_what_readers_see(head, heading):
    article = clean(web_page(head, heading=heading))
    assert article.title == TITLE
    assert [text for kind, text in parts(article) if kind == "title"] == [TITLE]


def test_json_names_the_headline_where_nothing_else_does():
    data = {"@type": "NewsArticle", "headline": TITLE, "publisher": {"@type": "Organization", "name": "Nhà Mẫu"}}
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>{OG.format("Nhà Mẫu")}'
    assert clean(web_page(head, heading="", title="Nhà Mẫu")).title == TITLE


@pytest.mark.parametrize("shown", ["Envoy: “We wait for the river’s turn”", "Envoy: 'We wait for the river's turn'"])
def test_curly_and_straight_twins_stand_once(shown):
    head = OG.format("Envoy: 'We wait for the river’s turn'")
    article = clean(web_page(head, heading=f"<h1>{shown}</h1>", story=paragraphs(ENGLISH), lang="en", title="Envoy"))
    assert article.title == shown
    assert article.text.count("We wait") == 1
