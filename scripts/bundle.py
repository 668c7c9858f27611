"""Makes the catalogue that llmanac carries with it: `src/llmanac/data/openrouter.json`.

In goes a list of OpenRouter, live or from a file; out comes one JSON object with a record a line. The records are
those of the list, member by member and digit by digit; only `description` is replaced, by a sentence composed from the
record.

    python -m scripts.bundle                                   from OpenRouter, as it is now
    python -m scripts.bundle --from store                      from the newest list in the store
    python -m scripts.bundle --from list-2026-10-26.json.gz    from a stored answer; the name says when it was taken
    python -m scripts.bundle --check                           is the bundle what this script makes of it?

Exit codes: 0 made, or the check holds; 1 the check does not hold; 2 wrong usage or no list; 3 OpenRouter or the store
not reached; 4 the key was rejected.
"""

import argparse
import gzip
import re
import sys
import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias

import msgspec

from llmanac.errors import LlmanacError
from scripts import lists
from scripts.sentence import compose, modalities

BUNDLE = Path(__file__).resolve().parents[1] / "src" / "llmanac" / "data" / "openrouter.json"

STORE = Path("store")
"""Not a file: the newest list in the store."""

NOTE = (
    "Ids, names, dates, numbers, prices and parameter lists as OpenRouter's list of {taken_on} states them. "
    "Every description is one sentence that llmanac composed from those facts."
)

Record: TypeAlias = dict[str, msgspec.Raw]


class BundleError(Exception):
    """There is no list to make a bundle of; the message says what was expected and the next step."""


class StoredList(msgspec.Struct):
    """A stored answer, or an earlier bundle."""

    data: list[Record]
    taken_on: date | None = None


def read(raw: bytes, name: str) -> StoredList:
    """The records of one answer: an object with `data`, or a bare list. `name` is for the message.

    Raises:
        BundleError: not JSON, no list, or a row that is no object.
    """
    try:
        # Without spaces, but with every number and string as it was written.
        compact = msgspec.json.format(raw, indent=-1)
        if compact.startswith(b"["):
            return StoredList(msgspec.json.decode(compact, type=list[Record]))
        return msgspec.json.decode(compact, type=StoredList)
    except msgspec.DecodeError as error:
        raise BundleError(f"{name} is no list of models: {error}") from error


def made(records: Sequence[Record], taken_on: date) -> bytes:
    """The bundle's bytes: the same records and day give the same bytes."""
    head = {"source": "openrouter", "taken_on": taken_on, "note": NOTE.format(taken_on=taken_on)}
    opening = msgspec.json.encode(head).removesuffix(b"}") + b',"data":[\n'
    return opening + b",\n".join(_line(record, taken_on) for record in records) + b"\n]}\n"


def _line(record: Record, taken_on: date) -> bytes:
    sentence = compose(_facts(record), taken_on)
    return msgspec.json.encode({**record, "description": msgspec.Raw(msgspec.json.encode(sentence))})


def summary(bundle: bytes) -> str:
    """How many models the bundle holds and how many of them give text and images."""
    outputs = [modalities(_facts(record))[1] for record in read(bundle, "the bundle").data]
    text, image = (sum(kind in given for given in outputs) for kind in ("text", "image"))
    return f"{len(outputs)} models, {text} with text output, {image} with image output"


def _facts(record: Record) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(record), type=dict[str, object])


def main(arguments: Sequence[str] | None = None, bundle: Path = BUNDLE) -> int:
    """The command; returns its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        content = _content(bundle if asked.check and asked.source is None else asked.source, asked.taken_on)
    except (BundleError, msgspec.DecodeError, OSError, EOFError, zlib.error) as error:
        print(error, file=sys.stderr)
        return 2
    except LlmanacError as error:
        print(f"{error}\n\nhint: --from FILE makes the bundle from a stored list", file=sys.stderr)
        return error.exit_code
    if asked.check:
        return _check(bundle, content)
    bundle.parent.mkdir(parents=True, exist_ok=True)
    unfinished = bundle.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(bundle)
    print(f"{bundle.name}: {summary(content)}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.bundle", description="Make the bundled catalogue.")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="a stored list, .json or .json.gz; `store`: the store's",
    )
    parser.add_argument(
        "--taken-on",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="when the list was taken; else the day in the file or its name, or today for a live one",
    )
    parser.add_argument("--check", action="store_true", help="make nothing; compare with the bundle that is there")
    return parser


def _content(source: Path | None, taken_on: date | None) -> bytes:
    if source is None or source == STORE:
        name = "upstream" if source is None else "the store"
        pages, day = lists.live() if source is None else lists.stored()
        records = [record for page in pages for record in read(page, name).data]
        taken_on = taken_on or day
    else:
        stored = source.read_bytes()
        listed = read(gzip.decompress(stored) if source.suffix == ".gz" else stored, source.name)
        records, taken_on = listed.data, taken_on or listed.taken_on or _day_in(source.name)
    if not records:
        raise BundleError("expected models, got an empty list")
    return made(records, taken_on)


def _day_in(name: str) -> date:
    found = re.search(r"\d{4}-\d\d-\d\d", name)
    try:
        return date.fromisoformat(found[0] if found else "")
    except ValueError as error:
        raise BundleError(f"{name} does not say when it was taken\n\nhint: add --taken-on YYYY-MM-DD") from error


def _check(bundle: Path, content: bytes) -> int:
    if bundle.exists() and bundle.read_bytes() == content:
        print(f"{bundle.name} is up to date: {summary(content)}", file=sys.stderr)
        return 0
    print(f"{bundle.name} is not what this script makes\n\nhint: make bundle", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
