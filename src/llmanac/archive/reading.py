"""Files, folders and archives → lists with their instants, one after the other; a bad file harms no other."""

import itertools
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from llmanac.archive.exported import is_header, read_history
from llmanac.archive.fetch import BadFile, ListFile, ReadLimits, Unreadable, printable
from llmanac.archive.finding import find_files, in_order
from llmanac.archive.instant import Mtime
from llmanac.archive.loose import read_list, read_members, told
from llmanac.archive.members import Member, walk
from llmanac.archive.streams import BROKEN, Content, ForwardStream, open_content

_DEFAULT_LIMITS = ReadLimits()
_ONE_INSTANT = "Expected one plain list for the instant of --taken-at, got more: their own names can tell theirs"


def read_files(
    paths: Iterable[Path],
    *,
    now: datetime,
    said: datetime | Mtime | None = None,
    limits: ReadLimits = _DEFAULT_LIMITS,
) -> Iterator[ListFile | BadFile]:
    """Every list in the files and below the folders, as upstream's bytes; what is no file comes first.

    Memory: one list, and with an archive of llmanac's the bodies that it may still refer to.

    Args:
        paths: Files of any name, and folders.
        now: The present; a list cannot have been taken later.
        said: What a person said about the instant. An archive of llmanac's knows its own better than its files' times.
        limits: What a hostile file can cost.
    """
    files, bad = find_files(paths)
    yield from bad
    if isinstance(said, datetime) and len(files) > 1:
        yield from (BadFile(printable(str(path)), _ONE_INSTANT) for path in files)
        return
    passed = 0
    for path, status in in_order(files, said, limits).items():
        for found in _read_file(path, status, said, now, limits):
            yield msgspec.structs.replace(found, read_bytes=passed + min(found.read_bytes, status.st_size))
        passed += status.st_size


def _read_file(
    path: Path, status: os.stat_result, said: datetime | Mtime | None, now: datetime, limits: ReadLimits
) -> Iterator[ListFile | BadFile]:
    """What one file holds; `read_bytes` counts in this file."""
    name = printable(str(path))
    try:
        with path.open("rb") as file, open_content(file, limits) as (content, stream):
            if content is Content.TAR:
                for found in _read_archive(stream, said, now, limits):
                    yield msgspec.structs.replace(found, name=f"{name}:{found.name}", read_bytes=file.tell())
            else:
                body = stream.take_all(limits.max_list_bytes)
                found = read_list(str(path), body, modified_at=status.st_mtime, said=said, now=now)
                yield msgspec.structs.replace(found, read_bytes=status.st_size)
    except (Unreadable, *BROKEN) as problem:
        yield BadFile(name, told(problem), status.st_size)


def _read_archive(
    stream: ForwardStream, said: datetime | Mtime | None, now: datetime, limits: ReadLimits
) -> Iterator[ListFile | BadFile]:
    if isinstance(said, datetime):
        raise Unreadable(_ONE_INSTANT)
    members = walk(stream, limits)
    first = next(members, None)
    if isinstance(first, Member) and is_header(first):
        return read_history(first, members, now=now, limits=limits)
    rest = members if first is None else itertools.chain([first], members)
    return read_members(rest, said=said, now=now, limits=limits)
