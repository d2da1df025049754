"""What is known of an outlet changes how its pages are cleaned, and nobody else's."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from schemas.articles import Page, Sidecar
from schemas.settings import CleanLimits
from schemas.sources import OutletPhrase, PageHints, Selectors
from tasks.clean import clean_page

NOW = datetime(2024, 6, 18, 9, tzinfo=UTC)
STORY = "".join(
    f"<p>Đoạn thứ {n} kể về cuộc gặp của hai ngoại trưởng ở Viên hôm thứ Sáu vừa qua.</p>" for n in range(4)
)
ADVERTISED = "".join(f"<p>Quảng bá thứ {n} mời mua căn hộ hạng sang bên bờ biển với giá ưu đãi.</p>" for n in range(9))
PAGE = f"""<html><head><title>Tên trang</title></head><body>
<h1 class="real">Hai ngoại trưởng gặp nhau ở Viên</h1><span class="when">06/03/2024 08:15</span>
<div class="ad">{ADVERTISED}</div><div class="text">{STORY}</div></body></html>"""
SELECTORS = Selectors(since=date(2024, 1, 1), body="div.text", title="h1.real", published="span.when")
PLAIN_PAGE = Page(input="a.html", media="html", body=PAGE.encode(), sidecar=Sidecar(language="vi"), fetched_at=NOW)


def clean(page=PLAIN_PAGE, **hints):
    hinted = replace(page, hints=PageHints(**hints) if hints else None)
    return clean_page(hinted, limits=CleanLimits(), languages=("vi", "en"))


def kinds(article):
    return {article.text[block.start : block.end]: block.kind for block in article.blocks}


def text_page(text):
    return replace(PLAIN_PAGE, media="text", body=text.encode())


def test_selectors_choose_the_parts_of_a_page():
    assert "Quảng bá" in clean().text
    article = clean(selectors=SELECTORS)
    assert "Quảng bá" not in article.text
    assert article.text.count("Đoạn thứ") == 4
    assert article.title == "Hai ngoại trưởng gặp nhau ở Viên"
    assert (article.published_at.isoformat(), article.published_from) == ("2024-03-06T08:15:00+07:00", "meta")


def test_where_a_selector_finds_nothing_the_whole_page_is_read():
    assert clean(selectors=replace(SELECTORS, body="div.gone")).text.count("Đoạn thứ") == 4
    assert clean(selectors=Selectors(since=date(2024, 1, 1), body="div.gone", title="h9", published="h9")) == clean()


def test_an_empty_body_element_is_not_believed():
    page = replace(PLAIN_PAGE, body=PAGE.replace('<div class="ad">', '<div class="empty"></div><div>').encode())
    assert clean(page, selectors=replace(SELECTORS, body="div.empty")).text.count("Đoạn thứ") == 4


def test_parts_of_a_body_are_not_read_twice():
    article = clean(selectors=replace(SELECTORS, body="div.text, div.text p"))
    assert article.text.count("Đoạn thứ 1") == 1


def test_a_selector_may_name_an_attribute():
    page = replace(
        PLAIN_PAGE, body=PAGE.replace("<span ", "<time datetime='2024-03-07T10:00:00Z'></time><span ").encode()
    )
    article = clean(page, selectors=replace(SELECTORS, published="//time/@datetime"))
    assert article.published_at == datetime(2024, 3, 7, 10, tzinfo=UTC)


@pytest.mark.parametrize(("order", "day"), [("dmy", "2024-03-06"), ("mdy", "2024-06-03")])
def test_the_order_of_a_date_is_the_outlets(order, day):
    article = clean(selectors=SELECTORS, date_order=order)
    assert article.published_at.date().isoformat() == day


def test_the_order_of_a_date_does_not_touch_months_in_words():
    page = text_page("Hai ngoại trưởng gặp nhau\n3 tháng 2 2024\nHai bên đã gặp nhau ở Viên và nói chuyện lâu.")
    assert clean(page, date_order="dmy").published_at.date() == date(2024, 2, 3)


def test_times_are_those_of_the_outlet():
    assert clean(selectors=SELECTORS, timezone="Europe/Paris").published_at.isoformat() == "2024-03-06T08:15:00+01:00"


def test_phrases_of_the_outlet_name_its_lines():
    body = "Hai ngoại trưởng gặp nhau\nHai bên đã gặp nhau ở Viên và nói chuyện lâu.\nMua báo giấy."
    own = OutletPhrase(table="line", kind="promo", pattern="^mua báo giấy", examples=())
    assert kinds(clean(text_page(body)))["Mua báo giấy."] == "body"
    assert kinds(clean(text_page(body), phrases=(own,)))["Mua báo giấy."] == "promo"


def test_phrases_of_the_outlet_name_elements_of_its_pages():
    own = OutletPhrase(table="element", kind="related", pattern=r"\bad\b", examples=())
    teaser = "Hội nghị năm sau sẽ họp ở một thành phố khác, theo nước chủ nhà."
    page = replace(PLAIN_PAGE, body=f"<article>{STORY}<div class='ad'><p>{teaser}</p></div>{STORY}</article>".encode())
    assert (kinds(clean(page))[teaser], kinds(clean(page, phrases=(own,)))[teaser]) == ("body", "related")


def test_the_outlet_is_named_unless_the_sidecar_names_it():
    assert clean(outlet="Báo Mẫu").outlet == "Báo Mẫu"
    page = replace(PLAIN_PAGE, sidecar=Sidecar(language="vi", outlet="Báo Khác"))
    assert clean(page, outlet="Báo Mẫu").outlet == "Báo Khác"


def test_a_page_without_hints_is_cleaned_as_ever():
    talks = replace(PLAIN_PAGE, body=(Path(__file__).parent / "pages" / "talks.html").read_bytes())
    assert clean(talks) == clean(talks, outlet="Báo Mẫu", timezone="Asia/Ho_Chi_Minh")
