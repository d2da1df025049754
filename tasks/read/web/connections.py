"""Connections that reach checked addresses only, and what may go wrong with them.

The check stands where the socket is opened, below the pool, and not in front of a request: a name cannot change
its address between the look and the call (DNS rebinding), no way of asking goes past it, and `Host`, SNI and the
certificate's name stay those of the URL. httpx does not pass ``network_backend`` on to its pool, so the transport
builds the pool itself.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import httpcore
import httpx

from schemas.errors import RejectArticle, RetryLater, StopFlow
from schemas.settings import FetchSettings
from tasks.read.web.addresses import AllowedHost, check_public

__all__ = ["CheckedTransport", "Resolver", "SystemResolver", "skim", "translated_errors"]

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives all addresses of a host (for a port), the preferred first; raises ``OSError`` where there is none."""

_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, OSError)
_SKIMMED_BYTES = 65_536
_SKIMMED_SECONDS = 1.0
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class SystemResolver:
    """Asks the system, on threads of its own: asyncio's few would all wait for one slow name server."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """All addresses of a host, in the system's order of preference."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return tuple(dict.fromkeys(str(address[0]) for *_, address in found))

    def close(self) -> None:
        """Ask nothing more; who still waits for a name server is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens sockets, after a look at where they lead."""

    def __init__(self, resolve: Resolver, allowed: Mapping[tuple[str, int], AllowedHost]) -> None:
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
        for address in await self._addresses(host, port, timeout):
            try:
                return await self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def _addresses(self, host: str, port: int, seconds: float | None) -> Sequence[str]:
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


class CheckedTransport(httpx.AsyncBaseTransport):
    """httpx's transport over a pool whose sockets are checked. No proxies, no cookies, no credentials, no retries."""

    def __init__(
        self, settings: FetchSettings, allowed: Mapping[tuple[str, int], AllowedHost], resolve: Resolver
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trusting(settings.ca_file),
            max_connections=settings.concurrency,
            keepalive_expiry=30,
            http2=True,
            network_backend=_CheckedBackend(resolve, allowed),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer; its body is still to come, and its stream must be closed."""
        url = request.url
        origin = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        asked = httpcore.Request(
            request.method, origin, headers=request.headers.raw, content=b"", extensions=request.extensions
        )
        answer = await self._pool.handle_async_request(asked)
        body = _Body(answer, self._hang_up if answer.extensions["http_version"] == b"HTTP/2" else None, asked.url)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=body, extensions=answer.extensions, request=request
        )

    async def _hang_up(self, url: httpcore.URL) -> None:
        for connection in self._pool.connections:
            if connection.can_handle_request(url.origin):
                await connection.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Close every connection."""
        await self.aclose()

    async def __aenter__(self) -> Self:
        """Nothing is opened yet."""
        return self


class _Body(httpx.AsyncByteStream):
    """A body as sent.

    An HTTP/2 connection does not survive a body that was left unread: httpcore neither resets its stream nor gives
    its share of the flow-control window back, and the next streams would starve.
    """

    def __init__(
        self, answer: httpcore.Response, hang_up: Callable[[httpcore.URL], Awaitable[None]] | None, url: httpcore.URL
    ) -> None:
        self._answer = answer
        self._hang_up = hang_up
        self._url = url
        self._is_complete = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk
        self._is_complete = True

    async def aclose(self) -> None:
        await self._answer.aclose()
        if self._hang_up and not self._is_complete:
            await self._hang_up(self._url)


async def skim(answer: httpx.Response) -> None:
    """Read what comes with a redirect or refusal, if it is short, so that the connection can be used again."""
    left = _SKIMMED_BYTES
    with suppress(*_BROKEN, httpcore.TimeoutException):
        async with asyncio.timeout(_SKIMMED_SECONDS):
            async for chunk in answer.aiter_raw():
                left -= len(chunk)
                if left < 0:
                    return


@cache
def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """Whom to believe; kept, because reading a hundred and fifty certificates takes 50 ms."""
    context = httpx.create_ssl_context(trust_env=False)
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise StopFlow(f"ca_file {ca_file} cannot be read as PEM certificates: {error}") from error
    return context


@contextmanager
def translated_errors(host: str) -> Iterator[None]:
    """Turn what httpcore, sockets and TLS raise into errors of ours.

    Raises:
        RejectArticle: ``tls_failed`` for a certificate that cannot be trusted and for broken TLS.
        RetryLater: ``timeout``, ``connect_failed``, ``connection_lost``.
    """
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise RetryLater("timeout", f"{host} took too long: {type(error).__name__}") from error
    except _BROKEN as error:
        broken = _broken_tls(error)
        if broken:
            raise RejectArticle("tls_failed", f"no trustworthy connection to {host}: {broken}") from error
        code = "connect_failed" if isinstance(error, httpcore.ConnectError) else "connection_lost"
        raise RetryLater(code, f"{host}: {str(error) or type(error).__name__}") from error


def _broken_tls(error: BaseException | None) -> ssl.SSLError | None:
    """The TLS error beneath an error, unless it is only a connection that ended."""
    while error and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    ended = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
    return error if isinstance(error, ssl.SSLError) and not isinstance(error, ended) else None
