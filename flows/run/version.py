"""Which code and which data made a row."""

from hashlib import sha256
from pathlib import Path

from schemas.version import parley_version

__all__ = ["extractor_version"]


def extractor_version(seeds: Path) -> str:
    """Version of the code and, after a plus, a hash of all seeds but the sample articles (``0.1.0+3f9ac01b``)."""
    files = sorted(path for path in seeds.rglob("*") if path.suffix in {".toml", ".csv"})
    digest = sha256()
    for path in files:
        digest.update(path.relative_to(seeds).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{parley_version()}+{digest.hexdigest()[:8]}"
