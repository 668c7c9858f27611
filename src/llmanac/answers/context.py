"""What answers are made from."""

from datetime import datetime

import msgspec

from llmanac.answers.list_reader import ListReader
from llmanac.clock import Clock
from llmanac.store.rows import SeriesKey
from llmanac.store.store import Store
from llmanac.sync.current import Current


class AnswerContext(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an answer may use, of a server or of a command; made in `assemble`."""

    store: Store
    current: Current[object]
    lists: ListReader
    clock: Clock
    series: SeriesKey
    configured: bool
    offline: bool
    started_at: datetime
    version: str
