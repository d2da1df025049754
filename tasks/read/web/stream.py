"""From coroutines to an iterator: many answers under way at once in a thread, taken one by one in another."""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Generic, TypeAlias, TypeVar

from schemas.stream import Pause

__all__ = ["Put", "stream"]

Item = TypeVar("Item")
Put: TypeAlias = Callable[[Item], Awaitable[None]]
"""Hands an item over; waits while too many lie ready."""


def stream(
    produce: Callable[[Put[Item]], Awaitable[None]], *, most_waiting: int, pause_seconds: float
) -> Iterator[Item | Pause]:
    """Run a coroutine in a thread of its own and give what it puts out, as it arrives.

    Args:
        produce: Puts items; its end is the end of the stream.
        most_waiting: Items that may lie ready; more are not produced before some are taken.
        pause_seconds: A pause is given where nothing has arrived for so long.

    Yields:
        Items in the order in which they were put, with pauses between. Closing the iterator cancels
        the coroutine and waits for its end.

    Raises:
        Exception: Whatever ``produce`` raises.
    """
    bridge = _Bridge(produce, most_waiting)
    bridge.start()
    try:
        yield from bridge.items(pause_seconds)
    finally:
        bridge.stop()


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class _Bridge(Generic[Item]):
    def __init__(self, produce: Callable[[Put[Item]], Awaitable[None]], most_waiting: int) -> None:
        self._produce = produce
        self._ready: queue.SimpleQueue[Item | _End] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(most_waiting)
        self._loop = asyncio.new_event_loop()
        self._work: asyncio.Task[None] | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run_loop, name="web", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def items(self, pause_seconds: float) -> Iterator[Item | Pause]:
        while True:
            try:
                item = self._ready.get(timeout=pause_seconds)
            except queue.Empty:
                yield Pause()
                continue
            if isinstance(item, _End):
                if item.error:
                    raise item.error
                return
            self._call_in_loop(self._room.release)
            yield item

    def stop(self) -> None:
        self._call_in_loop(self._cancel_work)
        self._thread.join()

    def _call_in_loop(self, callback: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(callback)

    def _cancel_work(self) -> None:
        self._stopped = True
        if self._work:
            self._work.cancel()

    def _run_loop(self) -> None:
        error: BaseException | None = None
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._produce_all())
        except asyncio.CancelledError:
            pass  # stopped; nobody reads on
        except BaseException as raised:  # noqa: BLE001  # raised again where the items are taken
            error = raised
        self._ready.put(_End(error))

    async def _produce_all(self) -> None:
        self._work = asyncio.current_task()
        if not self._stopped:
            await self._produce(self._put_item)

    async def _put_item(self, item: Item) -> None:
        await self._room.acquire()
        self._ready.put(item)
