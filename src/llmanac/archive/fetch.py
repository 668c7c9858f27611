"""A fetch as files hold it, and what reading one file can give."""

from datetime import datetime

import msgspec

from llmanac.catalogue.snapshot import ListScope, RawPage


class ArchivedSeries(msgspec.Struct, frozen=True):
    """What makes a series one, in the spelling of the store that wrote it."""

    source: str
    base_url: str
    scope: str


class ArchivedFetch(msgspec.Struct, frozen=True):
    """One instant at which a list was had. Pages are in their order and without validators."""

    series: ArchivedSeries | None
    """None: a loose file, which does not say."""
    scope: ListScope | None
    """None: only the models can tell."""
    origin: str
    taken_at: datetime
    pages: tuple[RawPage, ...]
    raw: bool
    """False: upstream's bytes were no longer kept, so the pages were put together again from the models' records."""
    warning: str | None
    """Why the list was admitted although the guard objected."""


class ListFile(msgspec.Struct, frozen=True):
    """A fetch and where it lay: a path, or `archive.tar:member`, fit to be printed."""

    name: str
    fetch: ArchivedFetch
    read_bytes: int
    """How far reading has come in all files together, as they lie on the disk: for a progress bar."""


class BadFile(msgspec.Struct, frozen=True):
    """What could not be read, and why; the rest is not touched by it."""

    name: str
    words: str
    read_bytes: int = 0


class ReadLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on what a hostile file can cost."""

    max_list_bytes: int = 64 << 20
    """One list after decompression, all its pages together."""
    max_members: int = 1_000_000
    """Of one archive, whatever they are."""
    max_archive_bytes: int = 1 << 38
    """One archive after decompression."""


class Unreadable(Exception):
    """Inside this package: why a file, or what is left of an archive, cannot be read. Its text is for people."""


def printable(name: str) -> str:
    """A name of somebody else's choice, without what could steer a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name)
