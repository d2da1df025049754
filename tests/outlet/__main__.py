"""The outlet as a process of its own: ``python -m outlet --help``."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from outlet import CONTROL, Outlet
from outlet.catalogue import add_source


def main() -> None:
    parser = argparse.ArgumentParser(prog="outlet", description="Newspapers on loopback, until Ctrl-C or SIGTERM.")
    parser.add_argument("--hosts", type=int, default=3, help="so many newspapers: o00.outlet.test, o01…")
    parser.add_argument("--articles", type=int, default=10, help="stories of each")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--publish-every", type=float, default=0, metavar="SECONDS", help="one more story each")
    parser.add_argument("--catalogue", type=Path, metavar="DIR", help="write each there, as a watched source")
    parser.add_argument("--interval", type=float, default=0.0, help="its seconds between requests")
    parser.add_argument("--connections", type=int, default=2, help="its connections")
    parser.add_argument("--crawl-delay", type=float, metavar="SECONDS", help="what every robots.txt asks for")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Outlet(chosen.port) as outlet:
        for number in range(chosen.hosts):
            site = outlet.site(f"o{number:02d}.outlet.test", stories=chosen.articles)
            if chosen.crawl_delay is not None:
                site.robots = f"User-agent: *\nCrawl-delay: {chosen.crawl_delay}\n"
            if chosen.catalogue:
                pace = {"interval": chosen.interval, "connections": chosen.connections}
                add_source(chosen.catalogue, site.base, feeds=("/feed-all.xml",), **pace)
        sys.stdout.write(json.dumps(_about(outlet)) + "\n")
        sys.stdout.flush()
        _run(outlet, chosen.publish_every)


def _about(outlet: Outlet) -> dict[str, object]:
    return {
        "address": f"{CONTROL}:{outlet.port}",
        "allowed_hosts": outlet.allowed_hosts,
    }


def _run(outlet: Outlet, publish_every: float) -> None:
    try:
        while True:
            time.sleep(publish_every or 3_600)
            for site in outlet.sites.values():
                site.publish(1 if publish_every else 0)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
