"""The catalogue's answers, ready to send: rendered and compressed once per list, never per request.

The list that is served now is ready in every coding before it is asked for; others are made in the one that is asked.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from types import MappingProxyType

import brotli
import msgspec
import zstandard
from zlib_ng import zlib_ng

from llmanac.answers.list_models import Paged
from llmanac.answers.list_ref import ListRef
from llmanac.catalogue.catalogue import Catalogue
from llmanac.catalogue.ids import Serial
from llmanac.render.answer import render_listing
from llmanac.render.listing import View
from llmanac.sync.current import Source
from llmanac.web.protocol.negotiation import Coding, names_etag

Headers = tuple[tuple[bytes, bytes], ...]

# One body per coding: a strong ETag may name one sequence of bytes only, so nothing is compressed better later on.
# All four together take about 50 ms for 700 models, on a thread, before the list is swapped in. Brotli 9 would save
# 2 % of the bytes for three times the memory (30 MB), brotli 11 another 8 % for thirty times the time.
_BEST = MappingProxyType({Coding.GZIP: 9, Coding.ZSTD: 12, Coding.BROTLI: 7})
_QUICK = MappingProxyType({Coding.GZIP: 6, Coding.ZSTD: 5, Coding.BROTLI: 4})
"""For one coding while somebody waits: some 2 ms for 614,000 bytes, up to a quarter larger than the best."""


_GZIP = 31
"""zlib's word for it. The header says no time, so that equal bodies are equal bytes."""

JSON = b"application/json"
FULL_JSON = b"application/json; view=full"
PICKED_JSON = b"application/json; view=picked"
"""The parameter says by which schema an answer goes. JSON has none of its own, so clients pass over it."""

OF_CACHES = frozenset({b"cache-control", b"vary"})
"""What an answer that no cache keeps does not say."""


def media_type_of(view: View, *, picked: bool = False) -> bytes:
    """Of an answer that shows models in a view, or those of their members that `fields` names."""
    if picked:
        return PICKED_JSON
    return FULL_JSON if view is View.FULL else JSON


class Coded(msgspec.Struct, frozen=True):
    """A body in one coding, under its strong tag."""

    coding: Coding
    etag: str
    body: bytes
    paged: Paged | None = None


class Answer(msgspec.Struct, frozen=True):
    """What is sent, before the server's own fields."""

    status: int
    fields: Headers
    body: bytes = b""


class Conditional(msgspec.Struct, frozen=True):
    """Both answers of one body: for who has it, and for who has not."""

    etag: str
    whole: Answer
    unchanged: Answer

    def answer(self, if_none_match: str | None) -> Answer:
        """304 if the caller names the tag, else 200.

        Args:
            if_none_match: The field's value, several fields joined by commas; None when there was none.
        """
        known = if_none_match is not None and names_etag(if_none_match, self.etag)
        return self.unchanged if known else self.whole


class ReadyAnswer(msgspec.Struct, frozen=True):
    """Both answers, and by status their heads as they go over the wire, status line first, without the empty line."""

    conditional: Conditional
    heads: Mapping[int, bytes]


Answers = Mapping[Coding, ReadyAnswer]
"""One view of one list, in every coding."""


def make_answers(catalogue: Catalogue, view: View, *, configured: bool, hide_unconfigured: bool) -> Answers:
    """Render and compress a view of a list; about 70 ms for 700 models, so never on the event loop."""
    identity = render_listing(catalogue, configured=configured, hide_unconfigured=hide_unconfigured, view=view)
    shared = list_fields(catalogue.changed_at, catalogue.serial, b"private, no-cache")
    media_type = media_type_of(view)
    return MappingProxyType(
        {coding: _ready(conditional(encode(identity, coding), shared, media_type)) for coding in Coding}
    )


def fields_of_list(list_ref: ListRef, now: float) -> Headers:
    """What every answer says of its list at `now` (seconds since 1970), 304 too."""
    cache_control = b"private, immutable" if list_ref.settled else b"private, no-cache"
    return (
        *list_fields(list_ref.changed_at, list_ref.serial, cache_control),
        *standing_fields(list_ref.source, list_ref.agreed_at, now),
    )


def list_fields(changed_at: datetime, serial: Serial, cache_control: bytes) -> Headers:
    """What every answer says of its list, 304 too."""
    return (
        (b"last-modified", format_datetime(changed_at, usegmt=True).encode()),
        (b"cache-control", cache_control),
        (b"vary", b"Authorization, Accept-Encoding"),
        (b"x-catalogue-serial", b"%d" % serial),
    )


def standing_fields(source: Source, agreed_at: datetime, now: float) -> Headers:
    """Where a list is from and how old it is at `now`, in seconds since 1970; no part of the tag."""
    return (
        (b"x-catalogue-source", source.value.encode()),
        (b"x-catalogue-age", b"%d" % max(0, int(now - agreed_at.timestamp()))),
    )


def conditional(coded: Coded, shared: Headers, media_type: bytes = JSON) -> Conditional:
    """The answers of a body.

    Args:
        shared: Fields of both, beside the tag.
    """
    paged = () if coded.paged is None else ((b"x-total-count", b"%d" % coded.paged.total),)
    both = ((b"etag", coded.etag.encode()), *shared, *paged)
    described: Headers = (
        (b"content-type", media_type),
        (b"content-length", b"%d" % len(coded.body)),
        (b"x-content-type-options", b"nosniff"),
    )
    if coded.coding is not Coding.IDENTITY:
        described = (*described, (b"content-encoding", coded.coding.value.encode()))
    return Conditional(coded.etag, Answer(200, (*described, *both), coded.body), Answer(304, both))


def encode(identity: bytes, coding: Coding, *, quick: bool = False, paged: Paged | None = None) -> Coded:
    """The body in one coding. `quick`: in a fraction of the time, for some more bytes."""
    body = _compress(identity, coding, (_QUICK if quick else _BEST).get(coding, 0))
    # Of the bytes that are sent: another release of a compressor makes another body, so it must make another tag.
    tag = sha256(body).hexdigest()[:32]
    return Coded(coding, f'"{tag}"' if coding is Coding.IDENTITY else f'"{tag}-{coding.value}"', body, paged)


def _compress(identity: bytes, coding: Coding, level: int) -> bytes:
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.compress(identity, mode=brotli.MODE_TEXT, quality=level))
        case Coding.ZSTD:
            return zstandard.ZstdCompressor(level=level).compress(identity)
        case Coding.GZIP:
            return zlib_ng.compress(identity, level, wbits=_GZIP)
        case Coding.IDENTITY:
            return identity


def _ready(both: Conditional) -> ReadyAnswer:
    lines_of = {200: b"HTTP/1.1 200 OK\r\n", 304: b"HTTP/1.1 304 Not Modified\r\n"}
    heads = {each.status: lines_of[each.status] + lines(each.fields) for each in (both.whole, both.unchanged)}
    return ReadyAnswer(both, MappingProxyType(heads))


def lines(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Fields as they go over the wire."""
    return b"".join(name + b": " + value + b"\r\n" for name, value in fields)
