"""Which machines connections reach, whom they trust, and what HTTP/2 does to them."""

import asyncio
import socket
import ssl
import threading
from contextlib import contextmanager, suppress

import h2.config
import h2.connection
import h2.events
import pytest
import trustme

from outlet import Outlet
from outlet.replies import redirect
from schemas.fetching import Fetched
from schemas.settings import FetchSettings
from tasks.read.web import Fetcher

HOST = "o1.outlet.test"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def server_context(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def ask(url, port, clock, *, address="=127.0.0.1", resolver=None, **settings):
    allowed = (f"{HOST}:{port}{address}",)
    chosen = FetchSettings(contact="x", allowed_hosts=allowed, interval_seconds=0, attempts=2, **settings)

    async def run():
        async with Fetcher(chosen, clock=clock, resolver=resolver) as fetcher:
            return await fetcher.fetch(url, "article")

    return asyncio.run(run())


def test_the_certificate_of_the_name_is_asked_for_though_an_address_is_called(authority, ca_file, clock):
    with Outlet(tls=server_context(authority, HOST)) as outlet:
        url = outlet.site(HOST, stories=1).url("/tin/bai-0.html")
        assert isinstance(ask(url, outlet.port, clock, ca_file=ca_file), Fetched)
        assert ask(url, outlet.port, clock).code == "tls_failed"
        assert clock.slept == []


@pytest.mark.parametrize("name", ["o2.outlet.test", "127.0.0.1"])
def test_the_certificate_of_another_name_will_not_do(authority, ca_file, clock, name):
    with Outlet(tls=server_context(authority, name)) as outlet:
        site = outlet.site(HOST, stories=1)
        assert ask(site.url("/tin/bai-0.html"), outlet.port, clock, ca_file=ca_file).code == "tls_failed"
        assert site.visits == []


@contextmanager
def greeted_with(reply):
    """The port of a server that reads the first bytes and then writes ``reply``; with None it keeps silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with suppress(OSError):
                while True:
                    with server.accept()[0] as connection:
                        while connection.recv(65536) and reply is None:
                            pass
                        connection.sendall(reply or b"")

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", "tls_failed", "WRONG_VERSION_NUMBER", id="it complains"),
        pytest.param(b"", "connect_failed", "cannot be had", id="it hangs up"),
        pytest.param(None, "robots_unavailable", "took too long: ConnectTimeout", id="it waits for more"),
    ],
)
def test_a_server_that_speaks_no_tls(clock, reply, code, said):
    with greeted_with(reply) as port:
        failure = ask(f"https://{HOST}:{port}/", port, clock, connect_timeout_seconds=0.3)
    assert failure.code == code
    assert said in failure.message


def test_the_environment_names_no_authorities(authority, ca_file, clock, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    with Outlet(tls=server_context(authority, HOST)) as outlet:
        url = outlet.site(HOST, stories=1).url("/tin/bai-0.html")
        assert ask(url, outlet.port, clock).code == "tls_failed"


@contextmanager
def watched_sockets(monkeypatch):
    """Which addresses connections are opened to; none is let through."""
    called = []

    def connect(self, address):
        called.append(address[0])
        raise ConnectionRefusedError(111, "Connection refused")

    async def sock_connect(self, sock, address):
        connect(sock, address)

    monkeypatch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", sock_connect)
    yield called


def test_the_address_that_was_checked_is_the_one_that_is_called(clock, monkeypatch):
    answers = [["8.8.8.8", "1.1.1.1"], ["127.0.0.1"]]

    async def resolver(host, port):
        return answers.pop(0)

    with watched_sockets(monkeypatch) as called:
        refused = ask("http://rebinding.test/", 80, clock, resolver=resolver)
    assert called == ["8.8.8.8", "1.1.1.1"]
    assert (refused.code, answers) == ("not_public_address", [])


def test_no_socket_is_opened_to_an_address_that_is_not_public(clock, monkeypatch):
    async def resolver(host, port):
        return ["8.8.8.8", "192.168.1.1"]

    with watched_sockets(monkeypatch) as called:
        for link in ("http://mixed.test/", "http://127.0.0.1/", "http://[::1]/", "https://169.254.169.254/"):
            assert ask(link, 80, clock, resolver=resolver).code == "not_public_address"
    assert called == []


def test_an_allowed_host_without_address_is_resolved_and_need_not_be_public(outlet, clock):
    async def resolver(host, port):
        return ["127.0.0.1"]

    url = outlet.site(HOST, stories=1).url("/tin/bai-0.html")
    assert isinstance(ask(url, outlet.port, clock, address="", resolver=resolver), Fetched)


def test_the_next_address_is_called_where_one_does_not_answer(outlet, clock):
    async def resolver(host, port):
        return ["127.0.0.2", "127.0.0.1"]  # the outlet listens at the second alone

    url = outlet.site(HOST, stories=1).url("/tin/bai-0.html")
    assert isinstance(ask(url, outlet.port, clock, address="", resolver=resolver), Fetched)


def test_a_name_server_that_does_not_answer_is_not_waited_for(clock):
    async def resolver(host, port):
        await asyncio.Event().wait()

    found = ask("http://tin.test/", 80, clock, resolver=resolver, connect_timeout_seconds=0.05)
    assert (found.code, "timeout" in found.message.lower()) == ("robots_unavailable", True)


def test_connections_are_used_again(outlet, clock):
    site = outlet.site(HOST, stories=5)
    site.pages["/old"] = redirect("/tin/bai-1.html")
    chosen = FetchSettings(contact="x", allowed_hosts=outlet.allowed_hosts, interval_seconds=0)

    async def run():
        async with Fetcher(chosen, clock=clock) as fetcher:
            for path in ("/tin/bai-0.html", "/old", "/fault/404", "/fault/403", "/tin/bai-2.html"):
                await fetcher.fetch(site.url(path), "article")

    asyncio.run(run())
    assert len(site.visits) == 7
    assert outlet.opened == 1


def test_connections_to_hosts_that_are_not_asked_any_more_are_closed(outlet, clock):
    sites = [outlet.site(f"o{number}.outlet.test", stories=1) for number in range(12)]
    chosen = FetchSettings(contact="x", allowed_hosts=outlet.allowed_hosts, interval_seconds=0, concurrency=3)

    async def run():
        async with Fetcher(chosen, clock=clock) as fetcher:
            for _ in range(2):
                found = [await fetcher.fetch(site.url("/tin/bai-0.html"), "article") for site in sites]
            return found, outlet.open_now

    found, still_open = asyncio.run(run())
    assert {type(one) for one in found} == {Fetched}
    assert still_open <= 8  # six are kept, one is in use, and the outlet may not have noticed the last to go


class HTTP2Server:
    """Answers every stream with 200 and as many bytes as its path says, or 404 with as many."""

    def __init__(self, context):
        context.set_alpn_protocols(["h2"])
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.asked = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self):
        with suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                self.asked.append([])
                self._threads.append(threading.Thread(target=self._serve, args=(accepted, self.asked[-1])))
                self._threads[-1].start()

    def _serve(self, accepted, asked):
        with suppress(OSError), self._context.wrap_socket(accepted, server_side=True) as sock:
            http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            http.initiate_connection()
            left = {}
            while True:
                sock.sendall(http.data_to_send())
                data = sock.recv(65_536)
                if not data:
                    return
                for event in http.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        path = dict(event.headers)[b":path"].decode()
                        asked.append(path)
                        status, _, size = path.strip("/").partition("/")
                        left[event.stream_id] = int(size or 0)
                        status = status if status.isdigit() else "404"
                        http.send_headers(event.stream_id, [(":status", status), ("content-type", "text/html")])
                for stream in [*left]:
                    self._send(http, stream, left)

    def _send(self, http, stream, left):
        while left[stream]:
            room = min(http.local_flow_control_window(stream), http.max_outbound_frame_size, left[stream])
            if not room:
                return
            http.send_data(stream, b"x" * room)
            left[stream] -= room
        http.end_stream(stream)
        del left[stream]


def test_http_2_is_spoken_and_survives_what_is_left_unread(authority, ca_file, clock):
    paths = ("/200/10", "/200/100000", "/404/100", "/404/1000000", "/200/30000000", "/200/20")
    with HTTP2Server(server_context(authority, HOST)) as server:
        allowed = (f"{HOST}:{server.port}=127.0.0.1",)
        chosen = FetchSettings(contact="x", allowed_hosts=allowed, interval_seconds=0, attempts=1, ca_file=ca_file)

        async def run():
            async with Fetcher(chosen, clock=clock) as fetcher:
                return [await fetcher.fetch(f"https://{HOST}:{server.port}{path}", "article") for path in paths]

        found = asyncio.run(run())
    codes = [len(one.body) if isinstance(one, Fetched) else one.code for one in found]
    assert codes == [10, 100_000, "http_404", "http_404", "too_large", 20]
    assert server.asked == [["/robots.txt", *paths[:4]], [paths[4]], [paths[5]]]
