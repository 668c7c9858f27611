"""One doing for all who ask at the same time."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Work in threads, a few at a time. Whoever asks for what is being made already waits for that."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self._running: dict[Hashable, asyncio.Task[Result]] = {}

    async def do(self, key: Hashable, work: Callable[[], Result]) -> Result:
        """The result of this work, or of the same work under way. A failure is everybody's, and not kept."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._work(work))
            self._running[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        # Whoever gives up waiting must not stop it for the others.
        return await asyncio.shield(task)

    async def _work(self, work: Callable[[], Result]) -> Result:
        async with self._slots:
            return await asyncio.to_thread(work)

    def _forget(self, key: Hashable, done: asyncio.Task[Result]) -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # marks it as seen, for when nobody waits any more
