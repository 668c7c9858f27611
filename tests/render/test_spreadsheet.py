"""CSV: what was written is what a reader of CSV gets, and nothing that a spreadsheet would run."""

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.model import Model
from llmanac.query.row import Row, listed_row
from llmanac.render.columns import COLUMNS, RATES
from llmanac.render.spreadsheet import render_spreadsheet
from tests.build import Json, Record, pricing, record
from tests.exports.billing import exact_json, object_of
from tests.exports.maps import models_of
from tests.shared_data import RealList, real_lists
from tests.strategies import quick

Cells = dict[str, str]


def read(*models: Model) -> list[Cells]:
    """The lines by column, as Python's own reader has them."""
    text = render_spreadsheet(map(listed_row, models)).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def cells(sent: Record) -> Cells:
    """Those of one record."""
    (line,) = read(*models_of([sent]))
    return line


@pytest.mark.real_lists
@pytest.mark.parametrize("real", real_lists(), ids=str)
def test_every_price_and_id_of_every_real_list_comes_back(real: RealList) -> None:
    sent = json.loads(real.raw())
    models = models_of(sent["data"] if isinstance(sent, dict) else sent)
    lines = read(*models)
    assert [line["id"] for line in lines] == [model.id for model in models]
    for model, line in zip(models, lines, strict=True):
        rates = object_of(object_of(exact_json(model.record))["pricing"])
        for rate in RATES:
            price = rates.get(rate)
            assert line[f"price_{rate}"] == ("" if price in (None, "-1") else price), (model.id, rate)
        for rate in ("prompt", "completion"):
            if line[f"price_{rate}"]:
                assert Decimal(line[f"{rate}_usd_per_million"]) == Decimal(line[f"price_{rate}"]) * 1_000_000


def test_zero_dynamic_and_unknown_are_three_things() -> None:
    def told(rates: dict[str, Json]) -> tuple[str, str, str]:
        line = cells(record(id="a/b", pricing=rates))
        return line["price_state"], line["price_prompt"], line["dynamic_rates"]

    assert told({"prompt": "0", "completion": "0"}) == ("zero", "0", "")
    assert told({"prompt": "-1", "completion": "-1"}) == ("dynamic", "", "prompt,completion")
    assert told({}) == ("unknown", "", "")


def test_a_line_says_what_the_record_says() -> None:
    steps: list[Json] = [{"min_prompt_tokens": 1000, "prompt": "0.1"}]
    line = cells(
        record(
            id="~acme/owl-latest",
            alias_target={"slug": "acme/owl-2", "name": "Owl"},
            expiration_date="2027-01-31",
            pricing=pricing(overrides=steps),
        )
    )
    assert line["alias"] == "true"
    assert line["alias_target"] == "acme/owl-2"
    assert line["status"] == "expiring"
    assert line["created"] == "2026-10-21T00:00:00Z"
    assert line["expires_on"] == "2027-01-31"
    assert line["is_moderated"] == "false"
    assert line["supported_parameters"].split(",")[-1] == "top_p"
    assert line["has_conditional_prices"] == "true"
    assert json.loads(line["price_overrides"]) == steps
    assert line["variant"] == line["hugging_face_id"] == ""


@pytest.mark.parametrize("name", ["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'quoted"])
def test_no_spreadsheet_runs_a_name(name: str) -> None:
    told = cells(record(id="acme/owl", name=name))["name"]
    assert told == f"'{name}"


@quick
@given(st.text(max_size=20))
def test_any_text_comes_back_but_for_one_apostrophe(name: str) -> None:
    told = cells(record(id="acme/owl", name=name))["name"]
    assert told in (name, f"'{name}")
    assert not told.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_lines_end_as_rfc_4180_wants_and_the_names_come_first() -> None:
    (model,) = models_of([record(id="acme/owl", name='Owl, "two"\nlines')])
    body = render_spreadsheet([Row(model, "removed")])
    assert body.startswith(",".join(column.name for column in COLUMNS).encode() + b"\r\n")
    assert b'"Owl, ""two""\nlines"' in body
    assert body.endswith(b"\r\n")
    assert b",removed," in body


def test_the_largest_price_that_is_one_takes_no_export_down() -> None:
    sent = record(pricing=pricing(prompt="1e30", completion="1e-30"))
    assert cells(sent)["prompt_usd_per_million"] == "1" + "0" * 36
    assert Decimal(cells(sent)["completion_usd_per_million"]) == Decimal("1e-24")
