"""The files of folders that earlier runs have read, by size and time and by content; sixteen bytes for each."""

from dataclasses import dataclass
from hashlib import md5

import numpy as np
from numpy.typing import NDArray

from tasks.lake.query.run import open_lake
from tasks.lake.storage.protocol import Lake

__all__ = ["FileHistory", "load_file_history"]

Hashes = NDArray[np.uint64]

# Of each file the last row, if this version has made it: what it says of size and time, and of the content. A row whose
# file has no outcome is left of a batch that was never finished: that file has to be read again.
_FILES = """
SELECT
    md5_number_lower(input || chr(0) || etag) AS mark,
    md5_number_lower(input || chr(0) || coalesce(body_sha256, '')) AS content
FROM (
    FROM fetches WHERE kind = 'file' QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id) = 1
) AS file
WHERE ends_with(etag, ' ' || $version) AND (
    state = 'unchanged' OR EXISTS (FROM outcomes AS o WHERE o.input = file.input AND o."at" >= file."at")
)"""


@dataclass(frozen=True, slots=True)
class FileHistory:
    """The files that were read, as it was when the run began; hashes, ascending."""

    version: str
    """The version of code and rules that reads now."""
    marks: Hashes
    contents: Hashes

    def has_mark(self, name: str, mark: str) -> bool:
        """Return True if the last reading of a file found the same sizes and times, and the same version."""
        return _is_in(self.marks, f"{name}\0{mark}")

    def has_content(self, name: str, sha256: str) -> bool:
        """Return True if the last reading of a file, by the same version, found the same content."""
        return _is_in(self.contents, f"{name}\0{sha256}")


def load_file_history(lake: Lake, version: str) -> FileHistory:
    """Read which files earlier runs have read with a version.

    Raises:
        StopFlow: There is no lake, or a file in it is broken.
    """
    with open_lake(lake) as connection:
        columns = connection.execute(_FILES, {"version": version}).fetchnumpy()
    return FileHistory(version, np.sort(columns["mark"]), np.sort(columns["content"]))


def _is_in(hashes: Hashes, text: str) -> bool:
    """Look a text up by its hash, made as DuckDB's ``md5_number_lower`` makes it."""
    wanted = np.uint64(int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[8:], "little"))
    place = int(np.searchsorted(hashes, wanted))
    return place < len(hashes) and bool(hashes[place] == wanted)
