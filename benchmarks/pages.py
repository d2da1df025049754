"""Made-up outlet pages of realistic size: an article among menus, scripts and related news.

The people, places and sentences are invented; the same number always gives the same page.
"""

from pathlib import Path
from random import Random

__all__ = ["make_page", "write_pages"]

PEOPLE = [
    "Bộ trưởng Ngoại giao Lâm Vĩnh An",
    "Thủ tướng Trần Quốc Khải",
    "Ngoại trưởng Mỹ Daniel Whitmore",
    "Ngoại trưởng Nga Pavel Orlenko",
    "Tổng thống Pháp Henri Delacourt",
    "Chủ tịch nước Phan Hữu Thịnh",
]
CITIES = ["Hà Nội", "Geneva", "Moscow", "Washington", "Bangkok", "Paris", "Jakarta"]
ISSUES = [
    "kiểm soát vũ khí",
    "an ninh năng lượng",
    "thương mại song phương",
    "tự do hàng hải",
    "hợp tác giáo dục",
    "biến đổi khí hậu",
]
PATTERNS = [
    "Ngày {day}/{month}, {a} đã hội đàm với {b} tại {city} về {issue}.",
    "{a} cho biết hai bên nhất trí thúc đẩy {issue} trong thời gian tới.",
    '"Chúng tôi coi trọng {issue} và sẵn sàng trao đổi thẳng thắn với mọi đối tác", {a} nói.',
    "Theo {b}, cuộc trao đổi về {issue} kéo dài gần {hours} giờ và diễn ra trong không khí xây dựng.",
    "Giới quan sát nhận định {issue} sẽ còn là chủ đề của nhiều vòng thảo luận nữa.",
    "Các chuyên gia ghi nhận lượng hàng qua cảng tăng nhẹ so với cùng kỳ, dù thời tiết không thuận lợi.",
    "Người dân {city} những ngày này quen với cảnh các đoàn xe đi qua trung tâm thành phố.",
    "{a} cũng đề nghị phía bên kia tạo điều kiện cho doanh nghiệp hai nước mở rộng {issue}.",
]
HEAD = """<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="{url}"><meta property="og:title" content="{title}">
<meta property="og:site_name" content="Báo Thử Nghiệm">
<meta property="article:published_time" content="2024-{month:02d}-{day:02d}T08:00:00+07:00">
<style>{style}</style><script>{script}</script></head><body>
"""


def write_pages(folder: Path, count: int, *, media: str) -> None:
    """Write pages 0 to ``count`` - 1 below a folder, a thousand to a subfolder.

    Args:
        folder: Made where there is none.
        count: How many pages.
        media: ``html`` for whole pages of 100 to 250 KB, ``txt`` for the article alone.
    """
    for number in range(count):
        file = folder / f"{number // 1000:03d}" / f"{number:06d}.{media}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(make_page(number, media), encoding="utf-8")


def make_page(number: int, media: str) -> str:
    """The same page for a number every time; ``media`` as in :func:`write_pages`."""
    return _page(number) if media == "html" else _text(number)


def _text(number: int) -> str:
    random = Random(number)
    return "\n\n".join([_title(random, number), *(_paragraph(random) for _ in range(random.randint(8, 16)))]) + "\n"


def _page(number: int) -> str:
    random = Random(number)
    title = _title(random, number)
    body = "\n".join(f"<p>{_paragraph(random)}</p>" for _ in range(random.randint(8, 16)))
    head = HEAD.format(
        title=title,
        url=f"https://bao-thu-nghiem.example/bai-{number}.html",
        month=random.randint(1, 12),
        day=random.randint(1, 28),
        style="".join(f".c{n}{{margin:{n}px;padding:{n % 7}px}}" for n in range(random.randint(400, 900))),
        script="".join(f"window.w{n}=function(a){{return a+{n}}};" for n in range(random.randint(400, 1500))),
    )
    article = f'<article class="detail"><h1>{title}</h1>\n{body}\n</article>'
    return f"{head}{_menu(random)}{article}{_related(random, number)}{_menu(random)}</body></html>\n"


def _title(random: Random, number: int) -> str:
    return f"{random.choice(PEOPLE)} bàn về {random.choice(ISSUES)} ở {random.choice(CITIES)} ({number})"


def _paragraph(random: Random) -> str:
    return " ".join(_sentence(random) for _ in range(random.randint(2, 5)))


def _sentence(random: Random) -> str:
    a, b = random.sample(PEOPLE, 2)
    return random.choice(PATTERNS).format(
        a=a,
        b=b,
        city=random.choice(CITIES),
        issue=random.choice(ISSUES),
        day=random.randint(1, 28),
        month=random.randint(1, 12),
        hours=random.randint(2, 6),
    )


def _menu(random: Random) -> str:
    items = "".join(
        f'<li class="menu-item c{n}"><a href="/muc-{n}/trang-{random.randint(1, 99)}.html" title="Mục {n}">{n}</a></li>'
        for n in range(random.randint(120, 260))
    )
    return f'<nav class="main-menu"><ul>{items}</ul></nav>\n'


def _related(random: Random, number: int) -> str:
    items = "".join(
        f'<div class="story c{n}"><a href="/bai-{number}-{n}.html"><img src="/anh/{n}.jpg" alt="Ảnh {n}" width="120">'
        f"<h3>{_title(random, n)}</h3></a><p>{_sentence(random)}</p></div>"
        for n in range(random.randint(60, 160))
    )
    return f'<aside class="related box-category"><h2>Tin liên quan</h2>{items}</aside>\n'
