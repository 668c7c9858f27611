"""Parquet: the table with its types, exact to the last digit."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from llmanac.query.row import listed_row
from llmanac.render.columns import COLUMNS
from llmanac.render.parquet import ExtraNotInstalled, render_parquet
from tests.build import Record, pricing, record
from tests.exports.maps import models_of
from tests.shared_data import facts


def read(*sent: Record) -> "pa.Table":
    """The table that was written."""
    body = render_parquet(map(listed_row, models_of(sent)), {"llmanac.serial": "8123"})
    return parquet.read_table(io.BytesIO(body))


def test_columns_have_types_words_and_the_file_says_which_list_it_is() -> None:
    table = read(record(id="acme/owl", expiration_date="2027-01-31"))
    assert table.schema.names == [column.name for column in COLUMNS]
    kinds = {name: str(table.schema.field(name).type) for name in table.schema.names}
    assert kinds["context_length"] == "int64"
    assert kinds["created"] == "timestamp[ms, tz=UTC]"
    assert kinds["expires_on"] == "date32[day]"
    assert kinds["alias"] == "bool"
    assert kinds["supported_parameters"].startswith("list<")
    assert kinds["prompt_usd_per_million"] == "decimal128(38, 18)"
    assert table.schema.metadata[b"llmanac.serial"] == b"8123"
    assert table.schema.field("status").metadata[b"description"] == b"`active`, `expiring` or `removed`"
    (row,) = table.to_pylist()
    assert (row["expires_on"], row["created"]) == (date(2027, 1, 31), datetime(2026, 10, 21, tzinfo=UTC))


@pytest.mark.real_lists
def test_every_real_price_is_exact() -> None:
    sent = json.loads(facts().raw())["data"]
    for row, model in zip(read(*sent).to_pylist(), sent, strict=True):
        for rate in ("prompt", "completion", "input_cache_read", "web_search"):
            stated = model["pricing"].get(rate)
            assert row[f"price_{rate}"] == (None if stated == "-1" else stated)
        if row["price_prompt"] is not None:
            assert row["prompt_usd_per_million"] == Decimal(row["price_prompt"]) * 1_000_000


def test_a_price_with_too_many_digits_is_never_rounded() -> None:
    (row,) = read(record(id="acme/owl", pricing=pricing(prompt="0.0000001234567890123456789012345"))).to_pylist()
    assert row["price_prompt"] == "0.0000001234567890123456789012345"
    assert row["prompt_usd_per_million"] is None


def test_the_same_models_make_the_same_bytes() -> None:
    rows = [listed_row(model) for model in models_of([record(id="acme/owl")])]
    assert render_parquet(rows, {"a": "b"}) == render_parquet(rows, {"a": "b"})


def test_an_empty_list_is_a_table_without_rows() -> None:
    assert read().num_rows == 0


def test_without_the_extra_the_refusal_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmanac.render.parquet.find_spec", lambda _: None)
    with pytest.raises(ExtraNotInstalled, match=r"llmanac\[parquet\]") as refused:
        render_parquet([], {})
    assert (refused.value.status, refused.value.exit_code) == (501, 2)


def test_a_price_too_large_for_its_column_is_exact_as_text_only() -> None:
    (row,) = read(record(pricing=pricing(prompt="1e30"))).to_pylist()
    assert (row["price_prompt"], row["prompt_usd_per_million"]) == ("1e30", None)
