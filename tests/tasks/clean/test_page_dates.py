"""When a page says that its article was published, and what else on it has a date."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from web_pages import ENGLISH, ENGLISH_TITLE, STORY, TITLE, clean, paragraphs, published, web_page

from tasks.clean.page_dates import read_stated_date

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
OURS = ("2025-05-12T09:40+07:00", "meta")
TOLD = "2025-05-12T09:40:00+07:00"


def script(*values):
    return "".join(f'<script type="application/ld+json">{json.dumps(value)}</script>' for value in values)


def article(published=TOLD, headline=TITLE, kind="NewsArticle", **more):
    return {"@type": kind, "headline": headline, "datePublished": published, **more}


OTHER = article("2023-01-05T08:00:00+07:00", "Mưa lớn làm ngập ba huyện miền núi")
FILM = {
    "@type": "VideoObject",
    "name": "Dòng sông nhìn từ trên cao",
    "uploadDate": "2022-03-01",
    "datePublished": "2022-03-01",
}
LAST_POST = article("2025-05-14T08:00:00+07:00", "Kết thúc")


@pytest.mark.parametrize(
    "head",
    [
        script(FILM, article()),
        script([FILM, article()]),
        script({"@graph": [FILM, {"@type": "WebSite", "datePublished": "2018-01-01"}, article()]}),
        script(OTHER, article()),
        script({"@type": "ItemList", "itemListElement": [OTHER]}, article()),
        script(article(hasPart=[OTHER], video=FILM)),
        script(article(kind=["Article", "NewsArticle"])),
        script(article(kind="https://schema.org/ReportageNewsArticle")),
        script(article(kind="LiveBlogPosting", liveBlogUpdate=[OTHER, LAST_POST])),
        script({"@type": "WebPage", "mainEntity": article()}),
        script(article({"@type": "Date", "@value": TOLD})),
        script({"@type": "WebPage", "name": TITLE, "datePublished": TOLD}),
        script(article(headline="Một đầu đề khác", url="https://baomau.example/xa-hoi/chia-se-nuoc-881.html"), OTHER),
        script(article(headline=f"{TITLE} - Báo Mẫu"), OTHER),
        script(article()).replace("}</script>", ",}</script>"),
        script(article()).replace("NewsArticle", "News\\u0041rticle"),
        script(article()).replace('"headline"', '\n"headline"').replace("ký thỏa", "ký\nthỏa"),
        f"<script type='application/ld+json'>//<![CDATA[\n{json.dumps(article())}\n//]]></script>",
        f"<script type='application/ld+json'><!--{json.dumps(article())}--></script>",
        f"<script type='application/ld+json'>{json.dumps(article())};</script>",
    ],
)
def test_the_pages_own_article_is_found_among_others(head):
    assert published(clean(web_page(head))) == OURS


@pytest.mark.parametrize(
    "head",
    [
        script(OTHER, article("2023-02-05", "Giá lúa tăng nhẹ")),
        script({"@type": "ItemList", "itemListElement": [OTHER]}),
        script(FILM),
        script(article("2023-01-05", "Mưa lớn làm ngập ba huyện", url="https://baomau.example/xa-hoi/mua-lon-7.html")),
        script({"@type": "NewsArticle", "headline": TITLE, "dateModified": TOLD}),
        script({"@type": "NewsArticle", "headline": TITLE, "datePublished": "sớm nay"}),
        "<script type='application/ld+json'>{\"datePublished\": </script>",
        '<meta property="article:modified_time" content="2025-05-12T09:40:00+07:00">',
        '<meta property="og:updated_time" content="2025-05-12T09:40:00+07:00">',
        '<meta name="last-modified" content="2025-05-12">',
        '<meta property="article:published_time" content="0001-01-01T00:00:00Z">',
        '<meta property="article:published_time" content="2031-05-12T09:40:00+07:00">',
    ],
)
def test_dates_of_other_things_are_none(head):
    assert published(clean(web_page(head))) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "2025-05-12T09:40:00+07:00",
        "2025-05-12T02:40:00Z",
        "2025-05-12T02:40:00.000Z",
        "2025-05-12 09:40:00",
        "2025-05-12T09:40+0700",
        "2025/05/12 09:40",
        "2025-5-12 9:40",
        "20250512T094000+0700",
        "20250512094000",
        "1747017600",
        "1747017600000",
        "Mon, 12 May 2025 02:40:00 GMT",
        "Mon, 12 May 2025 09:40:00 +0700",
        "Mon May 12 2025 09:40:00 GMT+0700 (Indochina Time)",
        "12/05/2025 09:40",
        "12-05-2025 09:40",
        "12.05.2025 09:40:00",
        "09:40 12/05/2025",
        "Thứ hai, 12/05/2025 - 09:40",
        "12/05/2025 09:40 GMT+7",
        "May 12, 2025 9:40 AM",
        "12/05/2025T09:40",
        "2025-05-12T09:40:00.123+07:00",
    ],
)
def test_a_moment_is_read_in_whatever_form(text):
    found = read_stated_date(text, zone=HANOI, date_order="dmy")
    assert found is not None
    assert found.moment.astimezone(UTC).isoformat(timespec="minutes") == "2025-05-12T02:40+00:00"
    assert published(clean(web_page(f'<meta property="article:published_time" content="{text}">'))) == OURS


@pytest.mark.parametrize(
    "text",
    ["Thứ Hai, ngày 12/05/2025 09:40 (GMT+7)", "Thứ hai, ngày 12 tháng 5 năm 2025 - 09:40", "9h40, ngày 12/5/2025"],
)
def test_metadata_may_speak_like_readers_do(text):
    assert published(clean(web_page(f'<meta property="article:published_time" content="{text}">'))) == OURS


@pytest.mark.parametrize("text", ["12/05/2025", "2025-05-12", "20250512", "Mon, 12 May 2025", "Thứ hai, 12/05/2025"])
def test_a_day_is_the_readers_day(text):
    page = web_page(f'<meta name="pubdate" content="{text}">')
    assert published(clean(page)) == ("2025-05-12T00:00+07:00", "meta")


@pytest.mark.parametrize(
    ("text", "day"), [("5/13/2025 9:40 AM", 13), ("13/5/2025 9:40 AM", 13), ("5/5/2025 9:40 PM", 5)]
)
def test_twelve_hours_with_a_day_that_shows_which_number_it_is(text, day):
    found = read_stated_date(text, zone=HANOI, date_order="dmy")
    assert found and (found.moment.month, found.moment.day) == (5, day)


@pytest.mark.parametrize("text", ["", "hôm qua", "31/02/2025", "4/3/2025 2:05 PM", "2025-13-40", "GMT+99", "12345"])
def test_what_is_no_date_or_two_is_none(text):
    assert read_stated_date(text, zone=HANOI, date_order="dmy") is None


META = '<meta property="article:published_time" content="{}">'


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (META.format("2025-05-12 09:40:00") + script(article("2025-05-12T09:40:00+08:00")), "2025-05-12T08:40+07:00"),
        (META.format("2025-05-12T02:40:00") + script(article("2025-05-12T02:40:00Z")), "2025-05-12T09:40+07:00"),
        (META.format("2025-05-12") + script(article()), "2025-05-12T09:40+07:00"),
        (META.format("2025-05-12T00:00:00+07:00") + script(article()), "2025-05-12T09:40+07:00"),
        (META.format("2025-05-12T09:40:00+07:00") + script(article("2025-05-12")), "2025-05-12T09:40+07:00"),
        (META.format("2025-05-12") + script(article("2025-05-20T08:00:00+07:00")), "2025-05-12T00:00+07:00"),
    ],
)
def test_of_two_statements_of_one_moment_the_fuller_counts(head, expected):
    assert published(clean(web_page(head))) == (expected, "meta")


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ('<time itemprop="datePublished" datetime="2025-05-12T09:40+0700">Thứ hai</time>', OURS),
        ('<time pubdate datetime="2025-05-12T09:40:00+07:00">12/5</time>', OURS),
        ('<div><time datetime="2025-05-12T09:40:00+07:00">12 tháng 5</time></div>', OURS),
        ('<meta itemprop="datePublished" content="2025-05-12T09:40:00+07:00">', OURS),
        ('<ul class="info"><li>Đăng lúc</li><li><time datetime="2025-05-12T09:40:00+07:00">x</time></li></ul>', OURS),
        ('<span class="date">Thứ hai, 12/05/2025 - 09:40</span>', (OURS[0], "text")),
        ('<div class="meta"><span>Thứ Hai, ngày 12 tháng 5 năm 2025 | 09:40</span></div>', (OURS[0], "text")),
        ('<p class="time">09:40 | 12/05/2025</p>', (OURS[0], "text")),
        ("<span>Thứ 2, 12/05/2025, 09:40 (GMT+7)</span>", (OURS[0], "text")),
        ('<span class="date">12/05/2025 09:40 GMT+99</span>', (None, None)),
        ('<span class="date">Cập nhật: 12/05/2025 09:40</span>', (None, None)),
        ('<span>Cập nhật lúc <time datetime="2025-05-12T09:40:00+07:00">9:40</time></span>', (None, None)),
        ('<time class="updated" datetime="2025-05-12T09:40:00+07:00">9:40</time>', (None, None)),
        ('<time itemprop="dateModified" datetime="2025-05-12T09:40:00+07:00">9:40</time>', (None, None)),
        ('<aside><time datetime="2025-05-12T09:40:00+07:00">9:40</time></aside>', (None, None)),
    ],
)
def test_a_date_near_the_headline_counts_if_it_is_one_of_publication(above, expected):
    assert published(clean(web_page(above=above))) == expected


@pytest.mark.parametrize(
    "after",
    [
        '<section class="related"><article><h3>Khác</h3><time datetime="2025-05-11">x</time></article></section>',
        '<ul class="latest"><li><a href="/k">Mưa lớn</a> <time datetime="2025-05-11">11/5</time></li></ul>',
        '<article><h2>Khác</h2><time itemprop="datePublished" datetime="2025-05-11T08:00:00+07:00">x</time></article>',
        '<div class="comments"><p>Bạn đọc</p><time itemprop="datePublished" datetime="2025-05-11">11/5</time></div>',
        "<footer>Giấy phép số 12, cấp ngày 11/05/2019</footer>",
        "<div>Bản quyền 2019 - 2025</div>",
    ],
)
def test_dates_behind_the_article_are_others(after):
    assert published(clean(web_page(after=after))) == (None, None)


def test_both_stamps_and_the_change_beside_them():
    first = '<time datetime="2025-05-12T09:40:00+07:00">9:40</time>'
    later = '<time datetime="2025-05-13T10:00:00+07:00">10:00</time>'
    assert published(clean(web_page(above=f"<p>Đăng: {first} Cập nhật: {later}</p>"))) == OURS
    assert published(clean(web_page(above=f"<p>Cập nhật: {later} Đăng: {first}</p>"))) == OURS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Published 12 May 2025, 9:40 am", "2025-05-12T09:40+00:00"),
        ("Mon 12 May 2025 09.40 GMT", "2025-05-12T09:40+00:00"),
        ("May 12, 2025 at 2:05 p.m.", "2025-05-12T14:05+00:00"),
        ("Updated 12 May 2025, 9:40 am", None),
        ("Last updated on May 12, 2025", None),
    ],
)
def test_english_stamps(text, expected):
    page = web_page(above=f"<span>{text}</span>", story=paragraphs(ENGLISH), title=ENGLISH_TITLE, lang="en")
    assert published(clean(page)) == (expected, expected and "text")


def test_a_list_of_stories_with_dates_before_the_article_is_not_its_date():
    stories = '<ul><li><time datetime="2025-05-11">11/5</time> Khác</li></ul>'
    river = f'<div class="latest-news"><h1 class="logo">Báo</h1>{stories}</div>'
    page = web_page().replace("<main>", river + "<main>")
    assert published(clean(page)) == (None, None)
    assert STORY[0] in clean(page).text
