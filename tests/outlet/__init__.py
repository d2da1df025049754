"""A small world of newspapers on loopback: any number of them on one port, told apart by the `Host` header.

In a test (fixture ``outlet`` of ``tests/conftest.py``)::

    site = outlet.site("o01.outlet.test", stories=3)
    settings = FetchSettings(contact="tests@outlet.test", allowed_hosts=outlet.allowed_hosts)
    …fetch site.url("/feed.xml"), then what it links to…
    site.publish(2)                                    # two more stories; feeds and sitemaps follow
    assert [visit.path for visit in site.visits] == …  # who asked what, when

As a process of its own::

    python -m outlet --hosts 20 --articles 100         # in tests/; prints one JSON line: address, allowed_hosts
    python -m outlet --catalogue sources               # the same as watched sources, for `parley ingest --catalogue`
    curl http://127.0.0.1:PORT/visits                  # what was asked, as JSON lines
    curl http://127.0.0.1:PORT/publish/5               # five more stories at every newspaper

What a newspaper has

    /robots.txt           ``site.robots``: text, a ``Reply``, or None for 404
    /tin/bai-N.html       story N, with ETag and Last-Modified
    /tin/tuong-lai.html   a story dated thirty days from now
    /feed.xml /atom.xml   the newest fifty stories; /feed-all.xml has every one
    /sitemap.xml          news sitemap; /sitemap.xml.gz the same as a gzip file; /sitemap-index.xml points at both
    /feed-*.xml           bad feeds, see ``outlet.feeds.BAD_FEEDS``
    /fault/*              everything that goes wrong on the web, see ``outlet.faults.FAULTS``

``site.pages[path] = reply`` puts anything else anywhere; a reply may be a function of the request.
"""

from outlet.replies import Reply, Request
from outlet.server import CONTROL, Outlet
from outlet.site import Site, Visit
from outlet.stories import Story

__all__ = ["CONTROL", "Outlet", "Reply", "Request", "Site", "Story", "Visit"]
