"""Newspapers on loopback as watched sources."""

import json
from collections.abc import Sequence
from pathlib import Path

_SOURCE = """\
name = "Báo {name}"
language = "vi"
country = "VN"
kind = "national"
homepage = "{base}"
hosts = ["{host}"]
feeds = {feeds}
sitemaps = {sitemaps}
note = "On loopback."
[politeness]
seconds_between_requests = {interval}
connections = {connections}
"""


def add_source(
    catalogue: Path,
    base: str,
    *,
    feeds: Sequence[str] = ("/feed.xml",),
    sitemaps: Sequence[str] = (),
    interval: float = 0.0,
    connections: int = 2,
) -> str:
    """Write a newspaper into a folder of sources.

    Args:
        catalogue: The folder; made if need be.
        base: The newspaper's address, such as ``http://o01.outlet.test:8080``.
        feeds: Paths.
        sitemaps: Paths.
        interval: Seconds between requests.
        connections: At once.

    Returns:
        The id of the source: the first part of the host's name.
    """
    host = base.partition("://")[2].partition(":")[0]
    name = host.partition(".")[0]
    text = _SOURCE.format(
        name=name,
        base=base,
        host=host,
        feeds=json.dumps([base + path for path in feeds]),
        sitemaps=json.dumps([base + path for path in sitemaps]),
        interval=interval,
        connections=connections,
    )
    catalogue.mkdir(parents=True, exist_ok=True)
    (catalogue / f"{name}.toml").write_text(text, encoding="utf-8")
    return name
