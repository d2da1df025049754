"""The server: threads and plain sockets, because a good part of what it has to do is to break HTTP."""

import json
import socket
import ssl
import struct
import time
from contextlib import suppress
from dataclasses import asdict
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Self, cast

from outlet.replies import Reply, Request, page, status_page
from outlet.site import Site, Visit

CONTROL = "127.0.0.1"
"""Who asks for this host asks the outlet itself: `/visits`, `/publish/N`."""


class Outlet:
    """Newspapers behind one port of loopback; a context manager, or ``start`` and ``stop``."""

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.sites: dict[str, Site] = {}
        self._server = _Server(("127.0.0.1", port), self, tls)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="outlet")
        self._scheme = "https" if tls else "http"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """For ``FetchSettings.allowed_hosts``: every newspaper there is by now, and where it is."""
        return tuple(f"{host}:{self.port}=127.0.0.1" for host in self.sites)

    @property
    def visits(self) -> list[Visit]:
        """Every newspaper's, in order of time."""
        return sorted((visit for site in self.sites.values() for visit in list(site.visits)), key=lambda v: v.at)

    @property
    def opened(self) -> int:
        """Connections that were ever opened."""
        return self._server.ever_opened

    @property
    def open_now(self) -> int:
        """Connections that have not been closed yet."""
        return self._server.open_now

    def wait_until_left(self) -> bool:
        """Wait until every connection has been closed, half a minute at most; whether that is so."""
        return self._server.wait_until_left()

    def site(self, host: str, *, stories: int = 0) -> Site:
        """The newspaper at a host; a new one with so many stories if there is none yet."""
        if host not in self.sites:
            self.sites[host] = Site(host, f"{self._scheme}://{host}:{self.port}")
            self.sites[host].publish(stories)
        return self.sites[host]

    def reply(self, request: Request) -> Reply:
        """What the host that is asked for answers; the visit is written down before the answer is sent."""
        at = time.monotonic()
        site = self.sites.get(request.host)
        if request.host == CONTROL:
            return self._control(request)
        if site is None:
            return status_page(421)
        reply = site.reply(request)
        site.visits.append(Visit(request.host, request.path, at, dict(request.headers), reply.status))
        return reply

    def _control(self, request: Request) -> Reply:
        _, action, count, *_ = [*request.path.split("/"), "", ""]
        if action == "publish" and count.isdigit():
            for site in list(self.sites.values()):
                site.publish(int(count))
            return page("published\n", "text/plain")
        if action == "visits":
            return page("".join(json.dumps(asdict(visit)) + "\n" for visit in self.visits), "application/jsonl")
        return status_page(404)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody and wait for the threads."""
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], outlet: Outlet, tls: ssl.SSLContext | None) -> None:
        self.outlet = outlet
        self.tls = tls
        self.stopping = Event()
        self._open: set[socket.socket] = set()
        self._lock = Condition()
        self.ever_opened = 0
        super().__init__(address, _Connection)

    @property
    def open_now(self) -> int:
        """Connections."""
        return len(self._open)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self.ever_opened += 1
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
            self._lock.notify_all()

    def wait_until_left(self) -> bool:
        with self._lock:
            return self._lock.wait_for(lambda: not self._open, timeout=30)

    def hang_up(self) -> None:
        self.stopping.set()
        with self._lock:
            for connection in self._open:
                _shut(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of ours; anything else is, and pytest shows it."""
        raise


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side may be quicker
        connection.shutdown(socket.SHUT_RDWR)


class _Connection(StreamRequestHandler):
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.outlet_server = cast("_Server", self.server)
        self.outlet_server.opened(self.request)
        super().setup()

    def handle(self) -> None:
        try:
            self._shake_hands()
            while (request := self._read()) and self._send(self.outlet_server.outlet.reply(request)):
                pass
        except OSError:
            pass  # the client has gone

    def finish(self) -> None:
        self.outlet_server.closed(self.request)
        try:
            super().finish()
            self.connection.close()
        except OSError:
            pass  # nothing left to flush to

    def _shake_hands(self) -> None:
        tls = self.outlet_server.tls
        if tls:
            self.connection = tls.wrap_socket(self.request, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def _read(self) -> Request | None:
        first = self.rfile.readline(8_192).decode("latin-1").split()
        if len(first) != 3:
            return None
        lines = iter(lambda: self.rfile.readline(8_192).decode("latin-1").strip(), "")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Request(headers.get("host", "").partition(":")[0], first[1], headers)

    def _send(self, reply: Reply) -> bool:
        """Send a reply; whether the connection may be used again."""
        fields = reply.fields()
        if reply.status:
            phrase = HTTPStatus(reply.status).phrase
            lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in fields.items())]
            self.wfile.write("\r\n".join([*lines, "\r\n"]).encode())
        for piece in reply.pieces():
            self.wfile.write(piece)
        self._end(reply)
        return reply.ending == "whole" and ("Content-Length" in fields or reply.status == 304)

    def _end(self, reply: Reply) -> None:
        match reply.ending:
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            case "stall":
                self.connection.recv(1)  # until the client has had enough
            case "drip":
                while not self.outlet_server.stopping.wait(0.02):
                    self.wfile.write(b" ")
            case _:
                pass
