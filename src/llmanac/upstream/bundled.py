"""The catalogue that ships with llmanac, for a first start without a network."""

from datetime import UTC, date, datetime, time
from importlib import resources

import msgspec

from llmanac.catalogue.snapshot import Part, RawPage, Snapshot
from llmanac.upstream.decode import decode
from llmanac.upstream.split import NotAList


class _Bundle(msgspec.Struct):
    source: str
    taken_on: date


def load_bundle() -> Snapshot | NotAList:
    """The bundled list; `taken_at` is the beginning of the day it was taken on.

    Raises:
        OSError, msgspec.DecodeError: The file is missing or damaged (the package was built without it).
    """
    body = resources.files("llmanac.data").joinpath("openrouter.json").read_bytes()
    bundle = msgspec.json.decode(body, type=_Bundle)
    taken_at = datetime.combine(bundle.taken_on, time(), UTC)
    return decode([RawPage(Part.MODELS, "bundle", body)], source=bundle.source, taken_at=taken_at)
