"""A tar → the lists in it, in its order and in one pass. Nothing is ever extracted, so no name can do harm."""

import re
import tarfile
from collections.abc import Iterator

import msgspec

from llmanac.archive.fetch import BadFile, ReadLimits, Unreadable, printable
from llmanac.archive.streams import ForwardStream, too_large

NESTED = "Expected a list, got an archive within an archive: unpack it first"

_LIST = re.compile(r"\.json(?:\.gz|\.zst)?\Z", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:tar(?:\.gz|\.zst)?|tgz|tzst)\Z", re.IGNORECASE)


class Member(msgspec.Struct, frozen=True):
    """A file of an archive; its list may still be compressed. `modified_at` is in seconds since 1970."""

    name: str
    body: bytes
    modified_at: float


def is_list_name(path: str) -> bool:
    """Whether a file is worth reading by its name: hidden ones are not (macOS puts `._x.json` beside each `x.json`)."""
    return bool(_LIST.search(path)) and not _is_hidden(path)


def is_archive_name(path: str) -> bool:
    """Whether a file is a tar by its name."""
    return bool(_ARCHIVE.search(path)) and not _is_hidden(path)


def walk(stream: ForwardStream, limits: ReadLimits) -> Iterator[Member | BadFile]:
    """The members that are lists by their names. Cost: every byte of the archive is passed once.

    Raises:
        Unreadable: From here on the archive is damaged or breaks a limit; what was given before is good.
    """
    try:
        archive = tarfile.TarFile(fileobj=stream, mode="r")
        count = 0
        while (info := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # not in typeshed; it would keep every header
            count += 1
            if count > limits.max_members:
                raise Unreadable(f"Expected at most {limits.max_members} members, got more")
            found = _read_member(info, stream, limits)
            if found is not None:
                yield found
    except (ValueError, OverflowError) as problem:
        # tarfile trusts the numbers in extended headers.
        raise Unreadable(f"Expected a tar, got a damaged one: {problem}") from None
    _check_end(stream)


def _read_member(info: tarfile.TarInfo, stream: ForwardStream, limits: ReadLimits) -> Member | BadFile | None:
    if info.size < 0:
        raise Unreadable(f"Expected a member's size, got {info.size}")
    if is_archive_name(info.name) and info.isreg():
        return BadFile(printable(info.name), NESTED)
    if not is_list_name(info.name) or info.isdir():
        return None
    if not info.isreg() or info.issparse():
        return BadFile(printable(info.name), "Expected a plain file, got a link, a device or a sparse file")
    if info.size > limits.max_list_bytes:
        return BadFile(printable(info.name), str(too_large(limits.max_list_bytes)))
    return Member(info.name, stream.take(info.size), info.mtime)


def _check_end(stream: ForwardStream) -> None:
    """`tarfile` takes a header that it cannot read for the archive's end."""
    if not stream.last_read:
        raise Unreadable("Expected two empty blocks at the end, got none: it may be cut short")
    if stream.last_read.strip(b"\0"):
        raise Unreadable(f"Expected the header of a member at byte {stream.tell()}, got a damaged one")
    stream.drain()


def _is_hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".")
