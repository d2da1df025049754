"""Writes a small lake with the schemas of today, to be kept for ever: ``python tests/lakes/make.py 1``.

Run it once for each released version of the schemas, before the next one changes them; never again for one that is
there. The rows are invented.
"""

import shutil
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from samples import ARTICLE, MEETING, PARTICIPANT, QUOTE, TOPIC
from schemas.articles import Block
from schemas.quotes import Span
from schemas.rejects import Reject
from tasks.lake import Batch, append_batch, create_lake

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
MIDNIGHT_IN_HANOI = datetime(2026, 3, 4, 17, tzinfo=UTC)
"""5 March there, and still 4 March in UTC."""
TITLE = "An Nhiên gặp Bình Minh"
EVENT = "Ngày 5/3, bà An Nhiên gặp ông Bình Minh tại Huế."
WORDS = "Chúng tôi muốn hòa bình"
TEXT = f'{TITLE}\n{EVENT} "{WORDS}", ông Bình Minh nói.'


def main() -> None:
    """Write ``tests/lakes/v<version>``."""
    lake = Path(__file__).parent / f"v{sys.argv[1]}"
    create_lake(lake)
    for batch in (_batch("b1", 1), _batch("b2", 2)):
        append_batch(lake, batch, written_at=batch.extracted_at)
    (lake / "views.sql").unlink()  # it names this machine's folders; every reader writes its own
    for folder in lake.glob("*/empty"):
        shutil.rmtree(folder)


def _batch(batch_id: str, number: int) -> Batch:
    """The first article is in both batches, the second in the later one only."""
    ids = [f"a{one + 1}" for one in range(number)]
    return Batch(
        batch_id=batch_id,
        run_id="run",
        extracted_at=NOON.replace(minute=number),
        articles=tuple(
            replace(
                ARTICLE,
                article_id=one,
                url=f"https://example.org/{one}",
                outlet="Báo Mẫu",
                title=TITLE,
                published_at=MIDNIGHT_IN_HANOI,
                text=TEXT,
                text_sha256=sha256(TEXT.encode()).hexdigest(),
                blocks=(Block("title", 0, len(TITLE)), Block("body", len(TITLE) + 1, len(TEXT))),
            )
            for one in ids
        ),
        meetings=tuple(
            replace(
                MEETING,
                meeting_id=f"m-{one}",
                article_id=one,
                participants=tuple(
                    replace(PARTICIPANT, name=name, country="VN", start=_at(name).start, end=_at(name).end)
                    for name in ("An Nhiên", "Bình Minh")
                ),
                date_start=date(2026, 3, 5),
                date_precision="day",
                city="Hue",
                start=_at(EVENT).start,
                end=_at(EVENT).end,
            )
            for one in ids
        ),
        quotes=tuple(
            replace(
                QUOTE,
                quote_id=f"q-{one}",
                article_id=one,
                text=WORDS,
                start=_at(WORDS).start,
                end=_at(WORDS).end,
                quoted=(_at(WORDS),),
                speaker="Bình Minh",
                speaker_start=_at("Bình Minh").start,
                speaker_end=_at("Bình Minh").end,
                meeting_id=f"m-{one}",
            )
            for one in ids
        ),
        topics=tuple(
            replace(TOPIC, article_id=one, scope=scope, target_id=prefix + one, spans=(_at("hòa bình"),))
            for one in ids
            for scope, prefix in (("article", ""), ("meeting", "m-"), ("quote", "q-"))
        ),
        rejects=(Reject(input="x.txt", stage="clean", code="empty", message="no text"),),
        extractor="0.1.0+invented",
    )


def _at(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


if __name__ == "__main__":
    main()
