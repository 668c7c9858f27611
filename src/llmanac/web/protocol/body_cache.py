"""Bodies in their codings, made once for all who ask the same of one list, in bounded memory."""

import asyncio
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import partial

from llmanac.answers.byte_lru import ByteLRU
from llmanac.answers.list_models import Paged
from llmanac.answers.list_reader import ListReader
from llmanac.answers.list_ref import ListRef
from llmanac.catalogue.ids import Serial
from llmanac.sync.current import Current, Held
from llmanac.web.protocol.negotiation import Coding
from llmanac.web.protocol.representations import Coded, encode
from llmanac.web.protocol.single_flight import SingleFlight

_AT_ONCE = 2
"""Lists put together at one time. They share the interpreter with the answers from memory, which must not wait."""
_SHARE = 12
"""Of what may be kept of lists: versions and tables are worth more than bodies, which are soon made of them."""

Made = tuple[bytes, Paged | None]
"""A body before coding, and how far it goes where it is one of several pages."""
_Bodies = ByteLRU[Hashable, Coded]


class BodyCache:
    """For the event loop. What is kept is forgotten with the state of the series that it was made in."""

    def __init__(self, current: Current[object], lists: ListReader, max_bytes: int) -> None:
        """Empty.

        Args:
            max_bytes: What may be kept of lists in all, about.
        """
        self._current = current
        self._lists = lists
        self._max_bytes = max_bytes // _SHARE
        self._kept: tuple[Held[object], _Bodies] = current.held, ByteLRU(self._max_bytes)
        """The bodies of a state. Replaced whole: the thread that replaces the list is another one."""
        current.when_replaced(self._fresh)  # else the bodies before stayed in memory until the next question
        slots = asyncio.Semaphore(_AT_ONCE)
        self._finding: SingleFlight[ListRef] = SingleFlight(slots)
        self._making: SingleFlight[Coded] = SingleFlight(slots)

    async def find_list(self, at: datetime | Serial | None) -> ListRef:
        """As `ListReader.find`, in a thread where the store is asked."""
        known = self._lists.known(at)
        return known or await self._finding.do((self._fresh(), at), partial(self._lists.find, at))

    async def coded(self, list_ref: ListRef, key: Hashable, coding: Coding, make: Callable[[], Made]) -> Coded:
        """A body of a list in one coding; made in a thread unless it was made before in this state of the series.

        Args:
            key: Everything the body depends on beside the list.
        """
        bodies = self._fresh()
        whole_key = (list_ref.which, key, coding)
        coded = bodies.find(whole_key)
        if coded is not None:
            return coded

        def work() -> Coded:
            body, paged = make()
            made = encode(body, coding, quick=True, paged=paged)
            bodies.keep(whole_key, made, len(made.body))
            return made

        return await self._making.do((bodies, whole_key), work)

    def _fresh(self) -> _Bodies:
        kept, held = self._kept, self._current.held
        if kept[0] is not held:
            kept = self._kept = held, ByteLRU(self._max_bytes)
        return kept[1]
