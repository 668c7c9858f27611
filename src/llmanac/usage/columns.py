"""A table's header → which column holds what, and its rows → Calls."""

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from llmanac.errors import InvalidParameter
from llmanac.usage.call import MAX_COUNT, MAX_NAME_CHARACTERS, Call, Extras, Notes, UnreadableLine
from llmanac.usage.counts import checked, name_too_long, stated_cost, with_variant
from llmanac.usage.instants import instant_us, is_day
from llmanac.usage.marks import mark_of

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "time": ("created_at", "created", "timestamp", "date", "datetime", "start_time", "started_at", "at"),
        "model": ("model_id", "model_name", "model_permaslug", "model_slug"),
        "variant": (),
        "id": ("generation_id", "response_id", "message_id", "request_id"),
        "prompt_tokens": ("native_tokens_prompt", "tokens_prompt", "n_prompt_tokens"),
        "input_tokens": (),
        "completion_tokens": (
            "native_tokens_completion", "tokens_completion", "output_tokens", "n_completion_tokens",
        ),
        "cache_read_tokens": (
            "cached_tokens", "native_tokens_cached", "tokens_cached", "cache_read_input_tokens", "input_cached_tokens",
            "cached_input_tokens",
        ),
        "cache_write_tokens": (
            "cache_creation_input_tokens", "ephemeral_5m_input_tokens", "cache_creation_tokens",
        ),
        "cache_write_1h_tokens": ("ephemeral_1h_input_tokens",),
        "reasoning_tokens": ("native_tokens_reasoning", "tokens_reasoning", "output_reasoning_tokens"),
        "images_in": (),
        "images_out": (),
        "image_tokens_in": (),
        "image_tokens_out": ("native_tokens_completion_images",),
        "audio_tokens_in": ("input_audio_tokens",),
        "audio_tokens_out": ("output_audio_tokens",),
        "web_searches": ("web_search_requests",),
        "cost": ("total_cost", "cost_total", "cost_usd"),
    }
)  # fmt: skip
"""What a column may hold, and the headers it is known by besides; the first that a table has counts."""

_COUNTS = tuple(name for name in COLUMNS if name not in ("time", "model", "variant", "id", "cost"))
_NOT_WITHIN = frozenset(
    {
        "cache_read_input_tokens", "cache_creation_input_tokens", "ephemeral_5m_input_tokens",
        "ephemeral_1h_input_tokens",
    }
)  # fmt: skip
"""Anthropic's names beside `input_tokens`: those are no part of it."""
_ALL_WRITTEN = frozenset({"cache_creation_input_tokens", "cache_creation_tokens"})
"""Sums of what is kept for five minutes and for an hour."""
_MAX_UNUSED = 20
"""Columns that are told by name; the others are counted."""


class Table(msgspec.Struct, frozen=True):
    """Where each thing stands in a row, and what a table says in general."""

    places: Mapping[str, int]
    width: int
    apart: bool
    """Whether the tokens from and to the cache are no part of the prompt's."""
    sums: bool
    """Whether the tokens written to the cache hold those kept for an hour."""
    unused: tuple[str, ...]
    """Columns that nothing is read from."""

    @property
    def unused_words(self) -> str:
        """Those, in words of bounded length."""
        shown = ", ".join(text[:60] for text in self.unused[:_MAX_UNUSED])
        more = len(self.unused) - _MAX_UNUSED
        return f"{shown} and {more} more" if more > 0 else shown


def read_header(header: Sequence[str], named: Mapping[str, str], *, apart: bool | None) -> Table:
    """What a table's columns hold.

    Args:
        named: The header of a thing where it is another than those above, by the thing.
        apart: Whether cached tokens are no part of the prompt's; None: as the headers tell.

    Raises:
        InvalidParameter: A column that was named is not there, or the table lacks model or counts.
    """
    headers = [_plain(text) for text in header]
    places = _places(headers, named)
    if "model" not in places or not (
        {"prompt_tokens", "input_tokens", "completion_tokens", "images_out"} & places.keys()
    ):
        raise InvalidParameter(
            f"--columns: Expected a header with at least model and prompt_tokens, got {', '.join(header)[:200]!r}",
            hint="Name other headers with --columns, such as --columns model=engine,prompt_tokens=tokens_in.",
        )
    if apart is None:
        stated = {headers[place] for thing, place in places.items() if thing.startswith("cache_")}
        apart = "input_tokens" in places and "prompt_tokens" not in places and bool(stated & _NOT_WITHIN)
    written = places.get("cache_write_tokens")
    sums = written is not None and headers[written] in _ALL_WRITTEN
    read = frozenset(places.values())
    unused = tuple(text for place, text in enumerate(header) if place not in read)
    return Table(MappingProxyType(places), len(header), apart, sums, unused)


def _places(headers: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    at = {name: place for place, name in reversed(list(enumerate(headers)))}
    places: dict[str, int] = {}
    for thing, known in COLUMNS.items():
        wanted = named.get(thing)
        if wanted is not None:
            if _plain(wanted) not in at:
                raise InvalidParameter(
                    f"--columns: Expected one of the columns {', '.join(headers)[:300]} for {thing},"
                    f" got {wanted[:60]!r}"
                )
            places[thing] = at[_plain(wanted)]
        else:
            found = next((name for name in (thing, *known) if name in at), None)
            if found is not None:
                places[thing] = at[found]
    return places


def read_columns(text: str) -> dict[str, str]:
    """`time=when,model=engine` → what each thing's header is.

    Raises:
        InvalidParameter: A thing is unknown, or the form another.
    """
    named: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        thing, equals, header = (word.strip() for word in part.partition("="))
        if not equals or not header:
            raise InvalidParameter(f"--columns: Expected name=header with commas between, got {part[:60]!r}")
        if thing not in COLUMNS:
            near = difflib.get_close_matches(thing, COLUMNS, n=2)
            hint = f"Did you mean {' or '.join(near)}?" if near else ""
            raise InvalidParameter(f"--columns: Expected one of {', '.join(COLUMNS)}, got {thing[:60]!r}", hint=hint)
        named[thing] = header
    return named


def call_of_row(row: Sequence[str], table: Table, notes: Notes, *, at_us: int | None) -> Call:
    """The call of a row.

    Raises:
        UnreadableLine: It is none.
    """
    if len(row) != table.width:
        raise UnreadableLine(f"Expected {table.width} columns, got {len(row)}")
    places = table.places
    name = row[places["model"]].strip()
    if not name:
        raise UnreadableLine("model: Expected a name, got none")
    name = with_variant(name, _text(row, places, "variant"))
    if len(name) > MAX_NAME_CHARACTERS:
        raise name_too_long(name)
    when = _text(row, places, "time")
    us = instant_us(int(when) if _is_number(when) else when) if when else at_us
    if is_day(when):
        notes.days += 1
    if us is None:
        raise UnreadableLine("time: Expected an instant, got none")
    counts = {thing: _count(row[places[thing]], thing) for thing in _COUNTS if thing in places}
    cost = _text(row, places, "cost").removeprefix("$")
    return _call(name, us, counts, table, stated=cost, id_=_text(row, places, "id"))


def _call(name: str, us: int, counts: Mapping[str, int], table: Table, *, stated: str, id_: str) -> Call:
    of = counts.get
    read, five, hour = of("cache_read_tokens", 0), of("cache_write_tokens", 0), of("cache_write_1h_tokens", 0)
    if table.sums:
        five = max(five - hour, 0)
    prompt = counts["prompt_tokens"] if "prompt_tokens" in counts else of("input_tokens", 0)
    if table.apart:
        prompt += read + five + hour
    extras = Extras(
        cache_write=five,
        cache_write_1h=hour,
        images_in=of("images_in", 0),
        images_out=0 if of("image_tokens_out") else of("images_out", 0),  # billed once
        image_in=of("image_tokens_in", 0),
        image_out=of("image_tokens_out", 0),
        audio_in=of("audio_tokens_in", 0),
        audio_out=of("audio_tokens_out", 0),
        web_searches=of("web_searches", 0),
    )
    call = Call(
        name=name,
        at_us=us,
        prompt=prompt - extras.audio_in - extras.image_in,
        completion=of("completion_tokens", 0) - extras.audio_out - extras.image_out,
        cached=read,
        reasoning=of("reasoning_tokens", 0),
        extras=extras if extras != _NO_EXTRAS else None,
        stated=stated_cost(stated.encode()) if stated else None,
        mark=mark_of(id_, name, us, prompt) if id_ else 0,
    )
    return checked(call)


_NO_EXTRAS = Extras()
_DIGITS_OF_A_GROUP = 3
_DIGITS_OF_A_DAY = 8


def _text(row: Sequence[str], places: Mapping[str, int], thing: str) -> str:
    place = places.get(thing)
    return "" if place is None else row[place].strip()


def _count(text: str, thing: str) -> int:
    stated = text.strip()
    if not stated:
        return 0
    whole, _, zeros = stated.partition(".")
    # Three digits after a point may be those of a thousand: then it is no mark of decimals.
    ambiguous = len(zeros) == _DIGITS_OF_A_GROUP or zeros.strip("0")
    if not (whole.isascii() and whole.isdigit()) or ambiguous or len(whole) > len(str(MAX_COUNT)):
        raise UnreadableLine(f"{thing}: Expected a whole number from 0 to {MAX_COUNT}, got {text[:40]!r}")
    return int(whole)


def _is_number(when: str) -> bool:
    """Whether it counts from 1970; eight digits are a day."""
    return when.isascii() and when.isdigit() and len(when) != _DIGITS_OF_A_DAY


def _plain(header: str) -> str:
    return header.strip().lower().replace(" ", "_").replace("-", "_")
