"""A web archive of thousands of responses: peak memory, and what a run does again that was killed half way.

It takes the two processors some ten minutes: ``python -m benchmarks.archive --responses 5000``.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.memory import PeakMemory
from benchmarks.pages import make_page
from tasks.lake import run_query

TYPES = {"html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8"}


def main() -> None:
    """Write the archive, read half of it, kill the run, read the rest."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="parley-archive-") as folder:
        archive, lake = Path(folder) / "crawl.warc.gz", Path(folder) / "lake"
        _write(archive, options.responses, options.media)
        print(f"{options.responses} responses in {archive.stat().st_size / 1e6:.0f} MB", flush=True)
        _read(archive, lake, kill_at=options.responses // 2)
        _read(archive, lake, kill_at=None)


def _write(archive: Path, responses: int, media: str) -> None:
    with archive.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number in range(responses):
            head = StatusAndHeaders("200 OK", [("Content-Type", TYPES[media])], protocol="HTTP/1.1")
            body = io.BytesIO(make_page(number, media).encode())
            url = f"https://bao-thu-nghiem.example/bai-{number}.html"
            writer.write_record(writer.create_warc_record(url, "response", payload=body, http_headers=head))


def _read(archive: Path, lake: Path, *, kill_at: int | None) -> None:
    before = _stored(lake)
    command = [sys.executable, "-m", "flows.cli.app", "ingest", "--direct", "--json", "--lake", str(lake), str(archive)]
    started = time.monotonic()
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run,
        PeakMemory(run.pid).watching() as memory,
    ):
        while kill_at and run.poll() is None and _stored(lake)[0] < kill_at:
            time.sleep(5)
        if kill_at:
            run.kill()
        output, _ = run.communicate()
    seconds, (articles, rows) = time.monotonic() - started, _stored(lake)
    told = f"{json.loads(output)['read']} read" if output else f"killed after {articles}"
    print(
        f"{told} in {seconds:.0f} s, peak {memory.run_mb:.0f} MB; {articles - before[0]} articles more, {articles} "
        f"in all, {rows - articles} stored twice",
        flush=True,
    )


def _stored(lake: Path) -> tuple[int, int]:
    """Articles, and rows that were ever written for them."""
    if not (lake / "views.sql").exists():
        return 0, 0
    query = "SELECT count(*), (SELECT count(*) FROM read_parquet(getvariable('parley_stored'))) FROM articles"
    result = run_query(lake, query)
    assert result
    ((articles, rows),) = result.rows
    assert isinstance(articles, int)
    assert isinstance(rows, int)
    return articles, rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=5_000)
    parser.add_argument("--media", choices=list(TYPES), default="html", help="whole pages, or articles alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
