"""Models as Parquet, by the extra `llmanac[parquet]`: typed columns, exact prices, and which list it is.

Prices are upstream's own texts. The columns per million are decimals with 18 places, which is more than any price that
was observed has (16, float noise of 2025); a price that would not fit is null there and exact in its text column.
"""

import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING

from llmanac.errors import RequestError
from llmanac.query.row import Row
from llmanac.render.columns import COLUMNS, Cell, ColumnKind

if TYPE_CHECKING:
    import pyarrow as pa

DECIMAL_DIGITS = 38
DECIMAL_PLACES = 18


class ExtraNotInstalled(RequestError):
    """What was asked for needs an extra that this installation lacks."""

    status, code, title, exit_code = 501, "EXTRA_NOT_INSTALLED", "Not Implemented", 2


def has_parquet() -> bool:
    """Whether the extra is installed."""
    return find_spec("pyarrow") is not None


def require_parquet() -> None:
    """Refuse where Parquet cannot be written.

    Raises:
        ExtraNotInstalled: It cannot; the words name the extra.
    """
    if not has_parquet():
        raise ExtraNotInstalled(
            "Parquet needs the extra llmanac[parquet], which is not installed here",
            hint="pip install 'llmanac[parquet]', in a clone make install EXTRAS=parquet; or take CSV or NDJSON.",
        )


def render_parquet(rows: Iterable[Row], about: Mapping[str, str]) -> bytes:
    """The file, models in the order of the rows. The same rows give the same bytes with the same release of pyarrow.

    Args:
        about: Names and values that go into the file's metadata.

    Raises:
        ExtraNotInstalled: See `require_parquet`.
    """
    require_parquet()
    import pyarrow as pa  # noqa: PLC0415  an extra, and slow
    from pyarrow import parquet  # noqa: PLC0415  as above

    types = _types()
    every = tuple(rows)
    arrays = [pa.array([_value(column.read(row)) for row in every], types[column.kind]) for column in COLUMNS]
    fields = [pa.field(column.name, types[column.kind], metadata={"description": column.says}) for column in COLUMNS]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(about)))
    written = io.BytesIO()
    parquet.write_table(table, written, compression="zstd")
    return written.getvalue()


def _types() -> "Mapping[ColumnKind, pa.DataType]":
    import pyarrow as pa  # noqa: PLC0415  an extra, and slow

    return {
        ColumnKind.TEXT: pa.string(),
        ColumnKind.WORDS: pa.list_(pa.string()),
        ColumnKind.WHOLE: pa.int64(),
        ColumnKind.YES_OR_NO: pa.bool_(),
        ColumnKind.DECIMAL: pa.decimal128(DECIMAL_DIGITS, DECIMAL_PLACES),
        ColumnKind.DAY: pa.date32(),
        ColumnKind.INSTANT: pa.timestamp("s", tz="UTC"),
    }


def _value(value: Cell) -> Cell:
    return None if isinstance(value, Decimal) and not _fits(value) else value


def _fits(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "prices are finite"
    return -exponent <= DECIMAL_PLACES and value.adjusted() < DECIMAL_DIGITS - DECIMAL_PLACES
