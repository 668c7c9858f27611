"""`llmanac export`: the same files from the local store and from a server; files are written whole or not at all."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import pricing, record
from tests.cli.command import Ended, llmanac
from tests.cli.house import House, open_house

OWL, DEAR = record(id="acme/owl"), record(id="dear/owl", pricing=pricing(prompt="0.00001"))
PATHS = {
    "litellm": "litellm.json",
    "models.dev": "models.dev.json",
    "csv": "models.csv",
    "ndjson": "models.ndjson",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two lists."""
    with open_house(tmp_path_factory.mktemp("exporting"), (0, [OWL]), (24, [OWL, DEAR])) as opened:
        yield opened


def ids(ended: Ended) -> list[str]:
    """Those of a CSV."""
    assert (ended.code, ended.err) == (0, "")
    return [line["id"] for line in csv.DictReader(io.StringIO(ended.out, newline=""))]


@pytest.mark.parametrize("name", PATHS)
def test_an_export_is_what_the_server_answers(house: House, name: str) -> None:
    ended = llmanac("export", name, "-o", "mine", **house.local)
    body = house.memory.ask(f"/exports/{PATHS[name]}").content
    assert (ended.code, ended.out, ended.err) == (0, "", f"wrote {len(body)} bytes to mine\n")
    assert Path("mine").read_bytes() == body
    assert [path.name for path in Path().iterdir()] == ["mine"]


def test_an_export_takes_the_filters_as_options(house: House) -> None:
    assert ids(house.both("export", "csv", "--min-price", "5")) == ["dear/owl"]
    assert ids(house.ask("export", "csv", "--as-of", "1")) == ["acme/owl"]
    cheapest = house.ask("export", "litellm", "--sort", "price", "--limit", "1")
    assert list(json.loads(cheapest.out)) == ["openrouter/acme/owl"]


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(house: House) -> None:
    Path("models.csv").write_text("mine", encoding="utf-8")
    refused = llmanac("export", "csv", "--output", "models.csv", **house.remote)
    assert (refused.code, Path("models.csv").read_text(encoding="utf-8")) == (1, "mine")
    assert "models.csv: Expected a name that is free" in refused.err
    assert llmanac("export", "csv", "--output", "models.csv", "--force", **house.remote).code == 0
    assert Path("models.csv").read_bytes().startswith(b"id,name,")
    assert llmanac("export", "csv", "--output", ".", "--force", **house.remote).code == 1
    nowhere = llmanac("export", "csv", "--output", "no/where.csv", **house.remote)
    assert (nowhere.code, nowhere.out) == (1, "")
    assert "no/where.csv: Expected a place to write" in nowhere.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("xlsx",), "Expected one of litellm, models.dev, csv, ndjson, parquet, or --history and a file; got 'xlsx'"),
        (("csv", "--min-price", "cheap"), "--min-price: Expected "),
        (
            ("csv", "--min-price", "3", "--max-price", "2"),
            "--min-price, --max-price: Expected --min-price to be at most",
        ),
        (("--history", "all.tar", "--min-price", "3"), "Expected nothing but a file, got --min-price"),
        (("--history", "all.tar", "--output", "x"), "Expected nothing but a file, got --output"),
    ],
)
def test_wrong_usage_names_options_as_they_were_typed(arguments: tuple[str, ...], words: str, house: House) -> None:
    ended = house.ask("export", *arguments)
    assert ended.code == 2
    assert words in ended.err
    assert not Path("all.tar").exists()


def test_the_whole_history_is_still_written(house: House) -> None:
    ended = llmanac("export", "--history", "all.tar.zst", **house.local)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "wrote 2 fetches with 2 different bodies to all.tar.zst\n"
    assert Path("all.tar.zst").stat().st_size > 0


def test_a_file_is_no_folder_to_write_in(house: House, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    ended = llmanac("export", "csv", "--output", str(file / "models.csv"), **house.remote)
    assert (ended.code, ended.out) == (1, "")
    assert "models.csv: Expected a place to write" in ended.err
