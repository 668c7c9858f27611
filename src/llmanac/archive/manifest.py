"""The export format: what its members are called and what its manifests say.

    llmanac-history.json                      {"format": 1, "written_by": "llmanac 0.2.0"}
    bodies/000001-2026-06-08T154125.000000Z-models-0.json    upstream's bytes
    fetches/000001-2026-06-08T154125.000000Z.json            a `Manifest`, after the bodies that it is the first to use
    …
    end.json                                  {"fetches": 8760}

A manifest names bodies by their SHA-256. A body that was used lately (`RecentBodies`) is not written again.
Readers pass over members and names that they do not know, so those may be added; anything else is a new format.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec

from llmanac import __version__
from llmanac.archive.fetch import ArchivedFetch, ArchivedSeries, Unreadable
from llmanac.catalogue.snapshot import ListScope, Part, RawPage

FORMAT = 1

HEADER_NAME = "llmanac-history.json"
END_NAME = "end.json"
_FETCHES = "fetches/"
_BODIES = "bodies/"

_Kind = TypeVar("_Kind", "Header", "End", "Manifest")


class Header(msgspec.Struct, frozen=True):
    """The first member."""

    format: int
    written_by: str = ""


class End(msgspec.Struct, frozen=True):
    """The last member, by which an archive that was cut short is told from a whole one."""

    fetches: int


class ManifestPage(msgspec.Struct, frozen=True):
    """One page, in its place. `member` is where its body lies, for people; a reader goes by the digest."""

    part: Part
    url: str
    sha256: str
    member: str


class Manifest(msgspec.Struct, frozen=True):
    """One fetch without its bodies."""

    series: ArchivedSeries | None
    scope: ListScope | None
    origin: str
    taken_at: Annotated[datetime, msgspec.Meta(tz=True)]
    raw: bool
    warning: str | None
    pages: tuple[ManifestPage, ...]


def encode_header() -> bytes:
    """What this llmanac writes. It holds no time, so that equal stores give equal archives."""
    return _encode(Header(FORMAT, f"llmanac {__version__}"))


def check_header(body: bytes) -> None:
    """Whether the archive can be read.

    Raises:
        Unreadable: It is of a newer format, or no header.
    """
    header = _decode(body, Header)
    if not 1 <= header.format <= FORMAT:
        by = f" (written by {header.written_by[:40]!r})" if header.written_by else ""
        raise Unreadable(f"Expected format {FORMAT} or older, got format {header.format}{by}: a newer llmanac reads it")


def encode_end(fetches: int) -> bytes:
    """The last member."""
    return _encode(End(fetches))


def decode_end(body: bytes) -> int:
    """How many fetches there should have been.

    Raises:
        Unreadable: It does not say.
    """
    return _decode(body, End).fetches


def encode_manifest(fetch: ArchivedFetch, pages: tuple[ManifestPage, ...]) -> bytes:
    """A fetch without its bodies."""
    return _encode(
        Manifest(
            series=fetch.series,
            scope=fetch.scope,
            origin=fetch.origin,
            taken_at=fetch.taken_at.astimezone(UTC),
            raw=fetch.raw,
            warning=fetch.warning,
            pages=pages,
        )
    )


def decode_manifest(body: bytes) -> Manifest:
    """The inverse.

    Raises:
        Unreadable: A member is missing or of the wrong kind.
    """
    return _decode(body, Manifest)


def join_pages(manifest: Manifest, find: Callable[[str], bytes | None]) -> ArchivedFetch:
    """A fetch with its bodies.

    Raises:
        Unreadable: One of them is not there, or the instant is none.
    """
    pages = []
    for position, page in enumerate(manifest.pages):
        body = find(page.sha256)
        if body is None:
            raise Unreadable(f"Expected the body of page {position} with SHA-256 {page.sha256[:64]!r}, got none such")
        pages.append(RawPage(page.part, page.url, body))
    return ArchivedFetch(
        series=manifest.series,
        scope=manifest.scope,
        origin=manifest.origin,
        taken_at=_in_utc(manifest.taken_at),
        pages=tuple(pages),
        raw=manifest.raw,
        warning=manifest.warning,
    )


def fetch_name(number: int, taken_at: datetime) -> str:
    """The member that holds a manifest. Numbers begin with 1."""
    return f"{_FETCHES}{_stem(number, taken_at)}.json"


def body_name(number: int, taken_at: datetime, part: Part, position: int) -> str:
    """The member that holds a page: of itself a file that can be imported, since its name tells the instant."""
    return f"{_BODIES}{_stem(number, taken_at)}-{part}-{position}.json"


def is_fetch(name: str) -> bool:
    """Whether a member is a manifest."""
    return name.startswith(_FETCHES)


def is_body(name: str) -> bool:
    """Whether a member is a page."""
    return name.startswith(_BODIES)


def _stem(number: int, taken_at: datetime) -> str:
    return f"{number:06}-{taken_at.astimezone(UTC):%Y-%m-%dT%H%M%S.%fZ}"


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise Unreadable(f"Expected an instant that exists in UTC, got {instant.isoformat()}") from None


def _encode(value: Header | End | Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value)) + b"\n"


def _decode(body: bytes, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(f"Expected the {kind.__name__} of an export, got something else: {problem}") from None
