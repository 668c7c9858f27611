"""The lists that are asked: the bundled one, and made-up ones of any size that look like it."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from benchmarks.year_series import BUNDLE
from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.catalogue.money import Price, PriceState, parse_price, plain
from llmanac.catalogue.pricing import Pricing
from llmanac.catalogue.snapshot import Part, RawPage
from llmanac.query.row import Row, listed_row
from llmanac.upstream.decode import decode
from llmanac.upstream.split import NotAList

SEED = 2026
ASKED_AT = datetime(2026, 10, 27, tzinfo=UTC)
"""A day after the bundled list was taken."""

_DAY = 86_400
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def real_rows() -> list[Row]:
    """The models of the bundled list."""
    page = RawPage(Part.MODELS, "bundle", BUNDLE.read_bytes())
    found = decode([page], source="openrouter", taken_at=ASKED_AT)
    if isinstance(found, NotAList):
        raise TypeError(f"the bundled list is none: {found}")
    return [listed_row(model) for model in found.models]


def made_rows(real: Sequence[Row], count: int) -> list[Row]:
    """So many rows: the real ones, then copies under names, prices, sizes and days of their own. Always the same."""
    draw = random.Random(SEED)
    rows = list(real[:count])
    copy = 0
    while len(rows) < count:
        copy += 1
        names = str.maketrans(_LETTERS, "".join(draw.sample(_LETTERS, len(_LETTERS))))
        rows += [Row(_copied(row.model, copy, names, draw), row.status) for row in real[: count - len(rows)]]
    return rows


def _copied(model: Model, copy: int, names: Mapping[int, int], draw: random.Random) -> Model:
    """A model of another maker: every third copy keeps the family's name, as fine-tunes do."""
    author, _, slug = model.id.partition("/")
    renamed = slug if copy % 3 == 0 else slug.translate(names)
    made = ModelId(f"{author.translate(names)}-{copy % 40}/{renamed}-{copy}")
    day = expires_on(model.record)
    record = {"id": made, "canonical_slug": f"{made}-20261021", "expiration_date": None if day is None else f"{day}"}
    factor = Decimal(draw.randrange(50, 200)) / 100
    return msgspec.structs.replace(
        model,
        id=made,
        name=f"{author.translate(names).title()}: {renamed.replace('-', ' ').title()}",
        created=None if model.created is None else model.created - draw.randrange(400) * _DAY,
        context_length=model.context_length and model.context_length + draw.randrange(64) * 1024,
        pricing=Pricing({rate: _scaled(price, factor) for rate, price in model.pricing.rates.items()}),
        record=msgspec.json.encode(record),
    )


def _scaled(price: Price, factor: Decimal) -> Price:
    return parse_price(plain(price.amount * factor)) if price.state is PriceState.KNOWN else price
