"""A raw list as somebody kept it, alone or in a tar of their own → a fetch that says only when."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath

from llmanac.archive.fetch import ArchivedFetch, BadFile, ListFile, ReadLimits, Unreadable, printable
from llmanac.archive.instant import Mtime, NoInstant, check_instant, from_unix, instant_in_list, instant_in_name
from llmanac.archive.manifest import HEADER_NAME
from llmanac.archive.members import NESTED, Member
from llmanac.archive.streams import BROKEN, Content, open_content
from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.snapshot import Part, RawPage


def read_list(
    name: str, body: bytes, *, modified_at: float, said: datetime | Mtime | None, now: datetime
) -> ListFile | BadFile:
    """One list. Whether its rows are models is for upstream's decoder to say.

    Args:
        name: A path; only its last part can tell the instant.
        body: The list without compression.
        modified_at: In seconds since 1970.
        said: What a person said about the instant.
        now: The present; a list cannot have been taken later.
    """
    base = PurePath(name).name
    found = said if isinstance(said, datetime) else (from_unix(modified_at) if said else instant_in_name(base))
    found = found or instant_in_list(body)
    if found is None:
        found = NoInstant("Expected an instant in the name or in the list, got none: --taken-at can say it")
    taken_at = check_instant(found, now=now) if isinstance(found, datetime) else found
    if isinstance(taken_at, NoInstant):
        return BadFile(printable(name), taken_at.words)
    # The address it came from is not known; the name is what can be told of its origin.
    pages = (RawPage(Part.MODELS, printable(base), body),)
    fetch = ArchivedFetch(
        series=None, scope=None, origin=Origin.IMPORT, taken_at=taken_at, pages=pages, raw=True, warning=None
    )
    return ListFile(printable(name), fetch, 0)


def read_members(
    members: Iterator[Member | BadFile], *, said: Mtime | None, now: datetime, limits: ReadLimits
) -> Iterator[ListFile | BadFile]:
    """The lists of a tar, in its order.

    Raises:
        Unreadable: There are none, or it is an archive of llmanac's after all, with its members in disorder.
    """
    empty = True
    for member in members:
        empty = False
        if isinstance(member, BadFile):
            yield member
            continue
        if member.name.rpartition("/")[2] == HEADER_NAME:
            raise Unreadable(f"Expected {HEADER_NAME} as the first member, got it later: keep the members' order")
        try:
            body = _unpack(member, limits)
        except (Unreadable, *BROKEN) as problem:
            yield BadFile(printable(member.name), told(problem))
        else:
            yield read_list(member.name, body, modified_at=member.modified_at, said=said, now=now)
    if empty:
        raise Unreadable("Expected members that are named like lists, got none")


def _unpack(member: Member, limits: ReadLimits) -> bytes:
    with open_content(io.BytesIO(member.body), limits) as (content, stream):
        if content is Content.TAR:
            raise Unreadable(NESTED)
        return stream.take_all(limits.max_list_bytes)


def told(problem: BaseException) -> str:
    """A failure in words: ours as they are, a library's with what was expected."""
    if isinstance(problem, Unreadable):
        return str(problem)
    if isinstance(problem, OSError) and problem.strerror:
        return f"Expected a file that can be read, got {problem.strerror!r}"
    return f"Expected a whole and undamaged file, got: {problem}"
