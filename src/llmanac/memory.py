"""What the C library and the garbage collector do with memory: of a long-lived process, and of a command."""

import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_BLOCK_BYTES = 128 * 1024
_COLLECT_AFTER = 50_000
"""Container objects made since the last collection; some 2,000 answers. Python's default is 700."""


def _give_memory_back() -> bool:
    """Let freed memory go back to the system; whether this C library could be told (glibc can).

    A sync takes some 30 MB for a moment: the raw list, its rows, the compressors' windows. By default glibc keeps an
    arena for every thread, and raises its threshold for big blocks until they too stay with the process. Measured over
    60 syncs of 688 models: 154 MB resident with the defaults, 112 MB with a single arena and fixed thresholds.
    """
    try:
        mallopt = _c_library().mallopt
    except (OSError, AttributeError):
        return False
    options = ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _BLOCK_BYTES), (_M_TRIM_THRESHOLD, _BLOCK_BYTES))
    return all(mallopt(option, value) == 1 for option, value in options)


def _trim() -> None:
    """Give back what is free between blocks in use, which no threshold does: 2 MB after a sync, in some 2 ms."""
    with suppress(OSError, AttributeError):
        _c_library().malloc_trim(0)


def _c_library() -> "ctypes.CDLL":
    """The one this process runs on.

    Raises:
        OSError: It is none of Linux. Functions that only glibc has are AttributeErrors of others.
    """
    if not sys.platform.startswith("linux"):
        raise OSError(f"Expected Linux, got {sys.platform}")
    import ctypes  # noqa: PLC0415  a command needs none

    return ctypes.CDLL(None)


def begin() -> None:
    """Called when a server starts: loading everything makes no garbage, so looking for some only costs time."""
    gc.disable()
    _give_memory_back()


def begin_command() -> None:
    """Called when a command starts: collections among what it loads, which all stays, take a tenth of its time."""
    gc.set_threshold(4 * _COLLECT_AFTER)


def end_command() -> None:
    """Called when a command has ended: the interpreter shall not look for circles in what goes with the process."""
    gc.freeze()


def settle() -> None:
    """Called once everything is loaded: what is there now stays, so no collection shall look at it again.

    A collection stops the event loop. A full one over all that a server loads (118,000 objects) takes 35 ms, after this
    next to nothing.
    """
    _trim()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    gc.enable()


def tidy() -> None:
    """Called after a sync, on its own thread: what it left in circles goes at once. Does nothing before `settle`."""
    if gc.get_freeze_count():
        gc.collect()
        _trim()
