"""Sockets that reach checked addresses only.

The check stands where the socket is opened, below the pool of connections, and not in front of a request: a name
cannot change its address between the look and the call (DNS rebinding), no way of asking goes past it, and `Host`,
SNI and the certificate's name stay those of the URL.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from schemas.errors import RejectArticle, RetryLater
from tasks.read.web.addresses import AllowedHost, check_public

__all__ = ["AddressResolver", "CheckedSockets", "SystemAddressResolver"]

AddressResolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives all addresses of a host (for a port), the preferred first; raises ``OSError`` where there is none."""

_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class SystemAddressResolver:
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


class CheckedSockets(httpcore.AsyncNetworkBackend):
    """Opens sockets for httpcore, after a look at where they lead."""

    def __init__(self, resolve: AddressResolver, allowed: Mapping[tuple[str, int], AllowedHost]) -> None:
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
                return await self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
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
