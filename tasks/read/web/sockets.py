"""Sockets that reach checked addresses only.

The check stands where the socket is opened, below the pool of connections, and not in front of a
request: a name cannot change its address between the look and the call (DNS rebinding), no way of
asking goes past it, and `Host`,
SNI and the certificate's name stay those of the URL.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from schemas.errors import RejectArticle, RetryLater
from tasks.read.web.addresses import AllowedHost, check_public

__all__ = ["AddressResolver", "CheckedSockets", "SystemAddressResolver"]

_FINAL_STATUS = re.compile(rb"(?:^|\n)HTTP/1\.[01] [2-9]")
"""Begins the answer itself; 1xx answers come before it (RFC 9110, section 15.2)."""
_MAX_INTERIM_BYTES = 65_536
"""Before the answer itself. A server needs at most one 1xx answer of some hundred bytes; parsing
thousands keeps other hosts waiting."""
_HTTP2_PREFACE = b"PRI * HTTP/2"

AddressResolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives all addresses of a host (for a port), the preferred first; raises ``OSError`` where there
is none."""

_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class SystemAddressResolver:
    """Asks the system, on threads of its own: asyncio's few would all wait for one slow name server."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return all addresses of a host, in the system's order of preference."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return tuple(dict.fromkeys(str(address[0]) for *_, address in found))

    def close(self) -> None:
        """Stop asking; do not wait for questions that are still under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedSockets(httpcore.AsyncNetworkBackend):
    """Opens sockets for httpcore, after a look at where they lead."""

    def __init__(
        self, resolve: AddressResolver, allowed: Mapping[tuple[str, int], AllowedHost], *, max_answer_bytes: int
    ) -> None:
        """Open nothing yet.

        Args:
            resolve: Finds the addresses of names.
            allowed: Hosts and ports that the settings vouch for.
            max_answer_bytes: The most that may come in answer to one request, all framing included.
        """
        self._max_answer_bytes = max_answer_bytes
        self._resolve = resolve
        self._allowed = allowed
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers."""
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in await self._find_addresses(host, port, timeout):
            try:
                stream = await self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
                return _BoundedStream(stream, self._max_answer_bytes)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def _find_addresses(self, host: str, port: int, seconds: float | None) -> Sequence[str]:
        vouched = self._allowed.get((host.lower(), port))
        if vouched and vouched.address:
            return (vouched.address,)
        async with asyncio.timeout(seconds):
            addresses = await self._look_up(host, port)
        if not vouched:
            check_public(host, addresses)
        return addresses

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        try:
            return (str(ip_address(host)),)
        except ValueError:
            pass
        try:
            return await self._resolve(host, port)
        except UnicodeError as error:
            raise RejectArticle("bad_url", f"{host[:80]} cannot be the name of a host") from error
        except OSError as error:
            raise RetryLater("dns_failed", f"no address found for {host}: {error}") from error


class _BoundedStream(httpcore.AsyncNetworkStream):
    """A stream that counts all that comes in answer to a request: also 1xx answers, heads, trailers and framing.

    HTTP/2 writes while it reads, so of that only the bodies are bounded, where they are read.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream, max_answer_bytes: int) -> None:
        self._stream = stream
        self._max_answer_bytes = max_answer_bytes
        self._is_http2 = False
        self._received = 0
        self._has_answer = False
        self._tail = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come.

        Raises:
            RejectArticle: ``too_large``, ``too_many_interim`` (1xx answers without an end).
        """
        data = await self._stream.read(max_bytes, timeout)
        if not self._is_http2:
            self._check_received(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send a request; what comes from now on belongs to its answer."""
        self._is_http2 = self._is_http2 or buffer.startswith(_HTTP2_PREFACE)
        self._received, self._has_answer, self._tail = 0, False, b""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the socket."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Shake hands; what comes is counted as it is decrypted."""
        return _BoundedStream(
            await self._stream.start_tls(ssl_context, server_hostname, timeout), self._max_answer_bytes
        )

    def get_extra_info(self, info: str) -> object:
        """Return what is known of the socket."""
        return self._stream.get_extra_info(info)

    def _check_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > self._max_answer_bytes:
            raise RejectArticle("too_large", f"more than {self._max_answer_bytes:,} bytes are sent, framing included")
        if not self._has_answer:
            self._has_answer = bool(_FINAL_STATUS.search(self._tail + data))
            self._tail = data[-16:]
        if not self._has_answer and self._received > _MAX_INTERIM_BYTES:
            raise RejectArticle("too_many_interim", f"{self._received:,} bytes of 1xx answers came before any answer")
