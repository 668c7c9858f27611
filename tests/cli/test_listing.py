"""`llmanac list`: every field of the table is an option, and every format has the same models in the same order."""

import csv
import inspect
import io
import json
from collections.abc import Iterator
from typing import Annotated, get_args

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from llmanac.cli.asked import Given, asks
from llmanac.cli.listing import list_models
from llmanac.cli.output import Format
from llmanac.query.fields import LISTING_FIELDS, Field, table
from tests.build import architecture, pricing, record
from tests.cli.command import llmanac
from tests.cli.house import House, open_house

LISTED = [
    record(
        id="acme/image", name="Image", architecture=architecture(outputs=("image",)), pricing=pricing(prompt="0.000003")
    ),
    record(id="acme/text", name="Text", pricing=pricing(prompt="0.000001"), hugging_face_id="acme/text"),
    record(
        id="acme/both",
        name="Both",
        architecture=architecture(outputs=("text", "image")),
        pricing=pricing(prompt="0.000002"),
    ),
    record(id="acme/embeds", name="Embeds", architecture=architecture(outputs=("embeddings",))),
    record(id="dear/text", name="Text", pricing=pricing(prompt="-1")),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One list."""
    with open_house(tmp_path_factory.mktemp("listing"), (0, LISTED)) as opened:
        yield opened


def rows(house: House, *options: str) -> list[dict[str, str]]:
    """The CSV."""
    ended = house.ask("list", *options, "--format", "csv")
    assert (ended.code, ended.err) == (0, "")
    return list(csv.DictReader(io.StringIO(ended.out)))


def test_every_field_of_the_table_is_an_option_with_its_own_words() -> None:
    known = {name: get_args(each.annotation) for name, each in inspect.signature(list_models).parameters.items()}
    for field in LISTING_FIELDS.values():
        _, option = known[field.name]
        assert option.help.startswith(field.help)


def test_a_new_field_is_an_option_without_new_code() -> None:
    heard: list[Given] = []
    app = typer.Typer()

    @app.command()
    @asks(table(Field("moon_phase", (), "", "Of the moon.", "full"), Field("mood", (), "", "Any.", "good")))
    def ask(asked: Given, loud: Annotated[bool, typer.Option("--loud")] = False) -> None:  # noqa: FBT002  Typer's way
        heard.append({**asked, "loud": str(loud)})

    assert CliRunner().invoke(app, ["--moon-phase", "new", "--loud"]).exit_code == 0
    assert heard == [{"moon_phase": "new", "mood": None, "loud": "True"}]
    assert "Of the moon." in CliRunner().invoke(app, ["--help"]).output


def test_filters_and_order_are_those_of_the_endpoint(house: House) -> None:
    assert [row["id"] for row in rows(house)] == ["acme/image", "acme/text", "acme/both", "dear/text"]
    assert [row["id"] for row in rows(house, "--sort", "-price")] == [
        "acme/image", "acme/both", "acme/text", "dear/text",
    ]  # fmt: skip
    assert [row["id"] for row in rows(house, "--max-price", "2", "--output-modalities", "image")] == ["acme/both"]


def test_the_local_store_says_what_the_server_says(house: House) -> None:
    asked = {"max_price": "2", "sort": "price"}
    ended = house.both("list", "--max-price", "2", "--sort", "price", "--format", "json")
    assert json.loads(ended.out) == house.memory.ask("/api/ai/models", **asked).json()
    assert (
        house.both("list", "--sort", "-price", "--status", "active", "--fields", "id,pricing", "--limit", "2").code == 0
    )
    assert house.both("list", "--facets", "author").code == 0
    wrong = llmanac("list", "--min-price", "3", "--max-price", "2", **house.local)
    assert wrong == house.ask("list", "--min-price", "3", "--max-price", "2")


def test_pages_go_on_by_offset_and_say_so(house: House) -> None:
    first = house.ask("list", "--limit", "3", "--format", "csv")
    assert (first.out.count("\nacme/"), first.err) == (3, "There are 1 more: --offset 3\n")
    assert [row["id"] for row in rows(house, "--limit", "3", "--offset", "3")] == ["dear/text"]


def test_columns_may_be_chosen_from_all_that_upstream_sent(house: House) -> None:
    chosen = rows(
        house, "--fields", "name,pricing.prompt,architecture.output_modalities,hugging_face_id,llmanac.price_state"
    )
    assert chosen[1] == {
        "name": "Text",
        "pricing.prompt": "0.000001",
        "architecture.output_modalities": "text",
        "hugging_face_id": "acme/text",
        "llmanac.price_state": "known",
    }
    # Models with the same values are still models of their own.
    assert [row["name"] for row in rows(house, "--fields", "name")] == ["Image", "Text", "Both", "Text"]


@pytest.mark.parametrize("wanted", [Format.TABLE, Format.MARKDOWN, Format.CSV])
def test_facets_are_counted_instead_of_models(house: House, wanted: Format) -> None:
    ended = house.ask("list", "--facets", "price_state", "--format", wanted)
    assert ended.code == 0
    counts = [line for line in ended.out.splitlines() if "price_state" in line]
    assert len(counts) == 2
    assert "paid" in counts[0]
    assert "3" in counts[0]
    assert "acme/" not in ended.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--min-price", "-1"), "--min-price: Expected "),
        (("--max-age-days", "young"), "--max-age-days: Expected "),
        (
            ("--min-price", "3", "--max-price", "2"),
            "hint: Swap the two, or send only one of --min-price and --max-price.",
        ),
        (("--fields", "min_price"), "got 'min_price'"),
        (("--cursor", "abc"), "Expected it with --format json only"),
        (("--sort", "beauty"), "--sort: Expected "),
    ],
)
def test_what_is_wrong_is_named_as_it_was_typed(options: tuple[str, ...], words: str, house: House) -> None:
    ended = house.ask("list", *options)
    assert ended.code == 2
    assert words in ended.err


def test_a_servers_refusal_names_options_too(house: House) -> None:
    ended = llmanac("list", "--as-of", "2999-01-01", "--format", "json", **house.remote)
    assert (ended.code, ended.out) == (2, "")
    assert "/api/ai/models?as_of=2999-01-01: --as-of: Expected an instant up to now" in ended.err


def test_json_goes_on_by_cursor(house: House) -> None:
    paged = house.memory.ask("/api/ai/models", limit="1")
    cursor = paged.links["next"]["url"].partition("cursor=")[2]
    ended = house.ask("list", "--limit", "1", "--cursor", cursor, "--format", "json")
    assert msgspec.json.decode(ended.out)["text"][0]["models"][0]["id"] == "acme/text"
