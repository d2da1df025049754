"""Connections to hosts, and the failures of connections.

httpx does not pass ``network_backend`` on, which is where our check of addresses sits, so the transport has httpcore's
pools of its own: one for each host, because httpcore looks at every pair of a pool's connections at
every request.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from functools import cache

import httpcore
import httpx

from schemas.errors import RejectArticle, RetryLater, StopFlow
from schemas.settings import FetchSettings
from tasks.read.web.sockets import CheckedSockets

__all__ = ["CheckedTransport", "skim", "translated_errors"]

_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, OSError)
_SKIMMED_BYTES = 65_536
_SKIMMED_SECONDS = 1.0
_LEAST_COUNTED_BYTES = 64
"""A smaller chunk counts as so many bytes: handling one costs the same, whatever its size."""
_KEPT_SECONDS = 30.0
"""An unused connection is not used again after so long."""


class CheckedTransport(httpx.AsyncBaseTransport):
    """httpx's transport over sockets that are checked.

    It uses no proxies, cookies, credentials or retries.
    """

    def __init__(self, settings: FetchSettings, sockets: CheckedSockets) -> None:
        self._most_pools = 2 * settings.concurrency
        self._sockets = sockets
        self._trusted = _trusted_certificates(settings.ca_file)
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the head of the answer.

        Its body is still to come, and its stream must be closed.
        """
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        pool = await self._pool_of(str(asked.url.origin))
        answer = await pool.handle_async_request(asked)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, pool),
            extensions=answer.extensions,
            request=request,
        )

    async def _pool_of(self, origin: str) -> httpcore.AsyncConnectionPool:
        """Return the connections to a host, which is the last used now.

        Close the first if there are many hosts.
        """
        for host in [*self._pools][: max(0, len(self._pools) - self._most_pools)]:
            pool = self._pools.get(host)
            if pool and all(connection.is_idle() for connection in pool.connections):
                del self._pools[host]
                await pool.aclose()
        kept = self._pools.pop(origin, None)
        self._pools[origin] = kept or self._new_pool()
        return self._pools[origin]

    def _new_pool(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._trusted, keepalive_expiry=_KEPT_SECONDS, http2=True, network_backend=self._sockets
        )

    async def aclose(self) -> None:
        """Close every connection."""
        while self._pools:
            await self._pools.popitem()[1].aclose()


class _Body(httpx.AsyncByteStream):
    """A body as sent.

    An HTTP/2 connection does not survive a body that was left unread: httpcore neither resets its
    stream nor gives its share of the flow-control window back, and the next streams would starve.
    """

    def __init__(self, answer: httpcore.Response, pool: httpcore.AsyncConnectionPool) -> None:
        self._answer = answer
        self._pool_of = pool
        self._is_complete = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk
        self._is_complete = True

    async def aclose(self) -> None:
        await self._answer.aclose()
        if not self._is_complete and self._answer.extensions["http_version"] == b"HTTP/2":
            await self._pool_of.aclose()


async def skim(answer: httpx.Response) -> None:
    """Read what comes with a redirect or refusal, if it is short, so that the connection can be used again."""
    left = _SKIMMED_BYTES
    with suppress(*_BROKEN, httpcore.TimeoutException):
        async with asyncio.timeout(_SKIMMED_SECONDS):
            async for chunk in answer.aiter_raw():
                left -= max(len(chunk), _LEAST_COUNTED_BYTES)
                if left < 0:
                    return


@cache
def _trusted_certificates(ca_file: str | None) -> ssl.SSLContext:
    """Return the certificates to trust.

    They are cached, because reading a hundred and fifty of them takes 50 ms.
    """
    context = httpx.create_ssl_context(trust_env=False)
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise StopFlow(f"ca_file {ca_file} cannot be read as PEM certificates: {error}; name another file") from error
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
    """Return the TLS error beneath an error, unless it is only a connection that ended."""
    while error and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    ended = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
    return error if isinstance(error, ssl.SSLError) and not isinstance(error, ended) else None
