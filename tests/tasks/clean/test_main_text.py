"""What of a page is the article: lists, boxes inside it, what stands around it."""

import pytest
from web_pages import ENGLISH, STORY, TITLE, clean, kind_of, paragraphs, story_of, web_page

FIRST, *_, LAST = STORY


def holds_story(article, story=STORY):
    return [text for text in story if text not in story_of(article)] == []


def test_items_of_nested_lists_are_the_article_even_the_last_one():
    inner = "<ul><li>trạm trên cầu phía bắc, mỗi sáng</li></ul>"
    items = f"<ul><li>Đo mực nước ở hai trạm{inner}</li><li>Gửi số liệu cho nhau</li></ul>"
    article = clean(web_page(story=paragraphs(STORY[:2]) + items + paragraphs(STORY[2:]) + items.replace("hai", "ba")))
    assert holds_story(article)
    assert kind_of(article, "Gửi số liệu cho nhau")[0] == "body"
    assert kind_of(article, "trạm trên cầu phía bắc")[0] == "body"
    assert "hai trạmtrạm" not in article.text


def test_a_story_of_list_items_alone():
    items = "".join(f"<li>{text}</li>" for text in STORY)
    assert holds_story(clean(f"<html lang='vi'><body><h1>{TITLE}</h1><ul>{items}</ul></body></html>"))


@pytest.mark.parametrize("wrapper", ["aside", "aside class='sidebar'", "section", "div class='wrap'", "main"])
def test_whatever_is_around_the_story(wrapper):
    page = f"<html lang='vi'><body><{wrapper}><h1>{TITLE}</h1>{paragraphs()}</{wrapper.split()[0]}></body></html>"
    assert holds_story(clean(page))


LINK = '<a href="/y">Đê biển vỡ ở ba xã</a>'
SAID = "<p>“Tôi đã chờ quá lâu”, bà Tư nói hôm qua.</p>"
BOXES = [
    f'<div class="box-tinlienquanv2"><article><h4>{LINK}</h4>{SAID}</article></div>',
    f'<div class="related-news"><p>{LINK}</p>{SAID}</div>',
    f'<ul class="tin-lien-quan"><li>{LINK}</li></ul>',
    f"<p>Xem thêm: {LINK}</p>",
    f"<h3>Tin liên quan</h3><p>{LINK}</p>",
    f'<h3>Đọc thêm</h3><ul><li>{LINK}</li><li><a href="/z">Giá lúa tăng nhẹ ở miền Tây</a></li></ul>',
]


@pytest.mark.parametrize("rest", [1, 2])
@pytest.mark.parametrize("box", BOXES)
def test_a_box_of_other_stories_does_not_end_the_article(box, rest):
    article = clean(web_page(story=paragraphs(STORY[:-rest]) + box + paragraphs(STORY[-rest:])))
    assert holds_story(article)
    assert "Đê biển" not in story_of(article)
    assert "chờ quá lâu" not in story_of(article)


@pytest.mark.parametrize(
    "notice",
    [
        "Trình duyệt của bạn không hỗ trợ phát video.",
        "Trình duyệt này không hỗ trợ thẻ audio",
        "Your browser does not support the video tag.",
        "Vui lòng bật JavaScript để xem nội dung này.",
    ],
)
def test_notices_of_players_are_none_of_the_article(notice):
    page = web_page(above=f'<div class="player"><video src="a.mp4"></video><p>{notice}</p></div>')
    assert notice not in story_of(clean(page))


@pytest.mark.parametrize(
    ("above", "lead"),
    [
        ('<p class="description">Nông dân hạ nguồn chờ nước từ giữa tháng ba.</p>', True),
        ('<h2 class="sapo">Nông dân hạ nguồn chờ nước từ giữa tháng ba.</h2>', True),
        ('<div class="standfirst"><style>.x{color:red}</style><p>Nông dân hạ nguồn chờ nước.</p></div>', True),
        ('<div class="newsletter"><p class="dek">Nông dân hạ nguồn chờ nước từ giữa tháng ba.</p></div>', False),
        ('<p class="video-description-hidden">x</p>', False),
    ],
)
def test_the_standfirst_is_what_stands_below_the_headline(above, lead):
    article = clean(web_page(above=above))
    assert (article.lead or "").startswith("Nông dân hạ nguồn") is lead
    assert "color:red" not in article.text
    assert holds_story(article)


@pytest.mark.parametrize(
    "after",
    [
        '<div class="newsletter"><h3>Thư sáng</h3><p class="dek">Tin hay mỗi ngày trong hộp thư.</p></div>',
        '<div class="card"><div class="summary-item__dek">Chợ nổi ngày cuối năm đông hơn.</div></div>',
    ],
)
def test_a_standfirst_of_something_else_is_no_lead(after):
    article = clean(web_page(after=after))
    assert "hộp thư" not in article.text
    assert "Chợ nổi" not in article.text


def test_a_description_that_ends_in_the_sites_name_does_not_hide_the_standfirst():
    head = '<meta name="description" content="Nông dân hạ nguồn chờ nước từ giữa tháng ba. - Báo Mẫu">'
    article = clean(web_page(head, above='<p class="description">Nông dân hạ nguồn chờ nước từ giữa tháng ba.</p>'))
    assert article.lead == "Nông dân hạ nguồn chờ nước từ giữa tháng ba."


def test_english_boxes():
    box = '<div class="related"><p><a href="/y">Sea wall breaks in three villages</a></p></div>'
    article = clean(web_page(story=paragraphs(ENGLISH[:-1]) + box + paragraphs(ENGLISH[-1:]), lang="en"))
    assert holds_story(article, ENGLISH)
    assert "Sea wall" not in story_of(article)
