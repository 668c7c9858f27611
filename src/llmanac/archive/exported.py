"""An archive that llmanac wrote → the very fetches it was written from."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

import msgspec

from llmanac.archive.bodies import KEPT_BYTES, RecentBodies
from llmanac.archive.fetch import ArchivedFetch, BadFile, ListFile, ReadLimits, Unreadable, printable
from llmanac.archive.instant import NoInstant, check_instant
from llmanac.archive.manifest import (
    END_NAME,
    HEADER_NAME,
    check_header,
    decode_end,
    decode_manifest,
    is_body,
    is_fetch,
    join_pages,
)
from llmanac.archive.members import Member
from llmanac.archive.streams import too_large


def is_header(member: Member | BadFile | None) -> bool:
    """Whether an archive that begins so is one of llmanac's."""
    return isinstance(member, Member) and member.name == HEADER_NAME


def read_history(
    header: Member, members: Iterator[Member | BadFile], *, now: datetime, limits: ReadLimits
) -> Iterator[ListFile | BadFile]:
    """The fetches in their order. A damaged one is named, and so is each later one that needs a body of it.

    Raises:
        Unreadable: The format is newer, or the archive ends before its end.
    """
    check_header(header.body)
    bodies: RecentBodies[bytes] = RecentBodies()
    count = 0
    expected: int | None = None
    for member in members:
        if isinstance(member, BadFile):
            yield member
        elif is_body(member.name):
            digest = sha256(member.body).hexdigest()
            bodies.keep(digest, len(member.body), member.body, max_bytes=KEPT_BYTES + limits.max_list_bytes)
        elif is_fetch(member.name):
            count += 1
            yield _read_fetch(member, bodies, now=now, limits=limits)
        elif member.name == END_NAME:
            expected = decode_end(member.body)
    if expected is None:
        raise Unreadable(f"Expected {END_NAME} at the end, got none: it may be cut short after {count} fetches")
    if expected != count:
        raise Unreadable(f"Expected {expected} fetches, got {count}")


def _read_fetch(
    member: Member, bodies: RecentBodies[bytes], *, now: datetime, limits: ReadLimits
) -> ListFile | BadFile:
    used: list[str] = []
    try:
        manifest = decode_manifest(member.body)
        fetch = join_pages(manifest, bodies.find)
        used = [page.sha256 for page in manifest.pages]
        _check(fetch, now=now, limits=limits)
    except Unreadable as problem:
        return BadFile(printable(member.name), str(problem))
    finally:
        bodies.use(used)
    return ListFile(printable(member.name), fetch, 0)


def _check(fetch: ArchivedFetch, *, now: datetime, limits: ReadLimits) -> None:
    if sum(len(page.body) for page in fetch.pages) > limits.max_list_bytes:
        raise too_large(limits.max_list_bytes)
    texts = [fetch.origin, fetch.warning or "", *(page.url for page in fetch.pages)]
    if fetch.series is not None:
        texts += msgspec.structs.astuple(fetch.series)
    if any("\0" in text for text in texts):
        raise Unreadable("Expected texts without NUL, which PostgreSQL keeps in no text")
    checked = check_instant(fetch.taken_at, now=now)
    if isinstance(checked, NoInstant):
        raise Unreadable(checked.words)
