"""Peak memory of a process and its descendants, on Linux."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

__all__ = ["PeakMemory"]

SAMPLE_SECONDS = 0.25
SERVER = b"uvicorn"


class PeakMemory:
    """Watches what processes share counted once (PSS), because forked workers share most of what they know.

    Attributes:
        run_mb: Peak of the process, its workers and their fork server, MB.
        server_mb: Peak of a temporary Prefect server, MB; it is a process of its own.
    """

    def __init__(self, pid: int) -> None:
        self.run_mb = self.server_mb = 0.0
        self._pid = pid
        self._ended = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[Self]:
        """Sample until the block ends."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            sizes = [(_is_server(pid), _pss_mb(pid)) for pid in _tree(self._pid)]
            self.run_mb = max(self.run_mb, sum(size for server, size in sizes if not server))
            self.server_mb = max(self.server_mb, sum(size for server, size in sizes if server))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            pids = children.read_text(encoding="ascii").split()
        except OSError:
            continue  # it ended meanwhile
        for child in pids:
            yield from _tree(int(child))


def _is_server(pid: int) -> bool:
    try:
        return SERVER in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
