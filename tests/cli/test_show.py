"""`llmanac show`: all a user wants to know of one model; the same from the local store and from a server."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import CREATED, Json, pricing, record
from tests.cli.command import llmanac
from tests.cli.house import House, open_house
from tests.remembered import at

STEPS: list[Json] = [{"min_prompt_tokens": 200_000, "prompt": "0.0000008"}]
NIGHTS: list[Json] = [{"utc_start": 2200, "utc_end": 400, "prompt": "0.0000001"}]
OWL = record(id="acme/owl-2", expiration_date="2027-01-31", pricing=pricing(overrides=STEPS, web_search="0.01"))
GONE = record(id="acme/owl-1", name="Acme: Owl 1", created=CREATED - 86_400)
LATEST = record(
    id="~acme/owl-latest",
    name="Latest",
    alias_target={"slug": "acme/owl-2", "name": "Owl"},
    pricing=pricing(overrides=NIGHTS),
)
ROUTER = record(id="acme/router", name="Router", pricing=pricing(prompt="-1", completion="-1"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A model that stays and changes, one that leaves, an alias, a router."""
    before = [record(id="acme/owl-2", pricing=pricing()), GONE]
    with open_house(tmp_path_factory.mktemp("show"), (0, before), (24, [OWL, LATEST, ROUTER])) as opened:
        yield opened


def told(text: str) -> dict[str, str]:
    """The CSV; of what comes again the last."""
    return {row["what"]: row["value"] for row in csv.DictReader(io.StringIO(text))}


def test_a_model_is_shown_whole(house: House) -> None:
    ended = house.ask("show", "acme/owl-2", "--format", "markdown")
    assert (ended.code, ended.err) == (0, "")
    shown = dict(line.strip("| ").split(" | ", 1) for line in ended.out.splitlines()[2:])
    assert shown["id"] == "acme/owl-2"
    assert shown["status"] == "expiring"
    assert shown["last day"] == "2027-01-31"
    assert shown["context"] == "262144"
    assert shown["price prompt"] == "$0.4/M; above 200000 tokens $0.8/M"
    assert shown["price web_search"] == "$0.01"
    changed = [line for line in ended.out.splitlines() if line.startswith("| changed |")]
    assert any("expiration_date" in line for line in changed)
    assert len(changed) <= 5


def test_a_table_in_a_pipe_has_no_width_of_its_own_and_loses_nothing(tmp_path: Path) -> None:
    parameters = sorted(f"parameter_number_{number}" for number in range(20))
    lists = (0, [record(id="acme/owl-2", supported_parameters=parameters)])
    with open_house(tmp_path, lists) as opened:
        shown = opened.ask("show", "acme/owl-2").out
        exact = told(opened.ask("show", "acme/owl-2", "--format", "csv").out)
    (line,) = [line for line in shown.splitlines() if line.startswith("parameters")]
    assert re.findall(r"\w+", line)[1:] == parameters
    assert exact["parameters"] == ", ".join(parameters)


def test_csv_and_json_are_exact(house: House) -> None:
    exact = told(house.ask("show", "acme/owl-2", "--format", "csv").out)
    assert exact["price prompt"] == "0.0000004; above 200000 tokens 0.0000008"
    shown = json.loads(house.both("show", "acme/owl-2", "--format", "json").out)
    assert shown["model"] == house.memory.ask("/api/ai/models/acme/owl-2", view="full").json()
    assert shown["removed"] is None
    assert {change["model"] for change in shown["changes"]} == {"acme/owl-2"}


def test_a_model_that_has_left_is_shown_with_what_may_stand_in_for_it(house: House) -> None:
    ended = house.both("show", "acme/owl-1", "--format", "csv")
    assert (ended.code, ended.err) == (0, "acme/owl-1 is no longer listed: this is its last data.\n")
    shown = told(ended.out)
    assert (shown["status"], shown["removal"], shown["last seen"]) == ("removed", "suspected", "2026-10-26 12:00")
    assert shown["instead"].startswith("acme/owl-2: ")
    removed = json.loads(house.ask("show", "acme/owl-1", "--format", "json").out)
    assert removed["removed"]["removed_at"] == at(24)
    assert removed["model"]["llmanac"]["status"] == "removed"


def test_an_alias_says_where_it_points_and_hours_are_told(house: House) -> None:
    shown = told(house.ask("show", "~acme/owl-latest", "--format", "csv").out)
    assert shown["points at"] == "acme/owl-2"
    assert shown["price prompt"].count("0.0000001") == 1
    assert "22:00" in shown["price prompt"]


def test_prices_that_nobody_knows_are_no_numbers(house: House) -> None:
    ended = house.ask("show", "acme/router")
    lines = {line.split("  ")[0].strip(): line for line in ended.out.splitlines()}
    assert lines["price prompt"].split()[-1] == "dynamic"
    assert lines["prices are"].split()[-1] == "dynamic"


def test_a_model_is_shown_as_it_was(house: House) -> None:
    shown = told(house.ask("show", "acme/owl-1", "--as-of", "1", "--format", "csv").out)
    assert shown["status"] == "active"
    assert "removal" not in shown


def test_the_bundle_needs_no_store() -> None:
    ended = llmanac("show", "openrouter/auto", "--format", "csv", LLMANAC_OFFLINE="true")
    assert (ended.code, ended.err) == (0, "")
    assert told(ended.out)["prices are"] == "dynamic"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("acme",), 2, "MODEL: Expected an id such as author/slug, got 'acme'"),
        (("acme/owl-3",), 1, "There is no model 'acme/owl-3'"),
        (("acme/owl-2", "--as-of", "2999-01-01"), 2, "--as-of: Expected an instant up to now"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: tuple[str, ...], code: int, words: str, house: House) -> None:
    ended = house.ask("show", *arguments)
    assert ended.code == code
    assert words in ended.err


def test_the_context_of_the_top_provider_is_told_where_it_is_another(tmp_path: Path) -> None:
    provider: Json = {"context_length": 65536, "max_completion_tokens": None, "is_moderated": False}
    with open_house(tmp_path, (0, [record(id="acme/owl-2", top_provider=provider)])) as house:
        assert "262144; 65536 at the top provider" in house.ask("show", "acme/owl-2").out
        assert told(house.ask("show", "acme/owl-2", "--format", "csv").out)["context"] == "262144"
