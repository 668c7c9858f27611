"""`llmanac changes`: the same rows from the local store and from a server, exact for programs, readable for eyes."""

import csv
import inspect
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmanac.cli.changes import changes
from llmanac.query.fields import CHANGES_FIELDS
from tests.build import pricing, record, records
from tests.cli.command import Ended, llmanac, on_terminal
from tests.cli.house import House, open_house
from tests.remembered import Memory, at, remembering
from tests.serving import TOKEN

OTHERS = records(3)
LONG = "An owl of many words" * 9
OWL = record(id="acme/owl", name="Owl", supported_parameters=["seed", "tools"], description=LONG)
CHANGED = {
    **OWL,
    "pricing": pricing(prompt="0.0000003", completion="-1", request="0.01", input_cache_read="0.00000005"),
    "supported_parameters": ["tools", "stop"],
    "description": f"{LONG} And now it hoots | in [red]many\x1b[2J words, " + "and more " * 9,
}
LYNX = record(id="zoo/lynx", name="Lynx")


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    directory = tmp_path_factory.mktemp("remembered")
    lists = (0, [OWL, LYNX, *OTHERS]), (1, [CHANGED, LYNX, *OTHERS]), (2, [CHANGED, *OTHERS])
    with remembering(f"sqlite:///{directory / 'llmanac.db'}", directory, *lists) as made:
        yield made


@pytest.fixture(params=["local", "server"])
def place(request: pytest.FixtureRequest, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the command reads from."""
    if request.param == "server":
        monkeypatch.setenv("LLMANAC_SERVER", memory.served.url)
        monkeypatch.setenv("LLMANAC_TOKEN", TOKEN)
    else:
        monkeypatch.setenv(
            "LLMANAC_DATABASE_URL", f"sqlite:///{memory.served.context.store.shown_url.partition('///')[2]}"
        )
        monkeypatch.setenv("OPENROUTER_BASE_URL", memory.served.context.series.base_url)
    return str(request.param)


def rows(ended: Ended) -> list[dict[str, str]]:
    assert ended.code == 0, ended.err
    return list(csv.DictReader(io.StringIO(ended.out)))


@pytest.mark.usefixtures("place")
def test_json_is_the_answer_of_the_route(memory: Memory) -> None:
    ended = llmanac("changes", "--format", "json", "--limit", "3")
    assert ended.code == 0, ended.err
    page = json.loads(ended.out)
    assert page == memory.ask("/api/ai/changes", limit="3").json()
    assert ended.err == f"There are more: --cursor {page['next']}\n"
    on = llmanac("changes", "--format", "json", "--cursor", page["next"])
    assert json.loads(on.out)["changes"] == memory.changes()[3:]
    assert on.err == ""


@pytest.mark.usefixtures("place")
def test_csv_has_every_member_exact() -> None:
    found = {row["field"]: row for row in rows(llmanac("changes", "--format", "csv", "--kind", "price,removed"))}
    assert found["pricing.prompt"] == {
        "serial": "2",
        "model": "acme/owl",
        "name": "Owl",
        "kind": "price",
        "field": "pricing.prompt",
        "before": "0.0000004",
        "after": "0.0000003",
        "percent": "-25.00",
        "cause": "real",
        "own_cause": "real",
        "seen_at": at(1),
        "since_at": at(0),
        "certainty": "",
        "confirmed_at": "",
        "announced": "",
    }
    assert (found[""]["name"], found[""]["certainty"]) == ("Lynx", "suspected")


def cells(*arguments: str) -> dict[str, str]:
    """By the column `what`: the cells after it, of a table with no causes but real."""
    ended = llmanac("changes", "--format", "markdown", *arguments)
    assert ended.code == 0, ended.err
    rows = [re.split(r" (?<!\\)\| ", line[2:-2]) for line in ended.out.splitlines()[2:]]
    assert len({row[2] for row in rows}) == len(rows)
    return {row[2]: " ".join(row[3:]).strip() for row in rows}


@pytest.mark.usefixtures("place")
def test_eyes_see_prices_per_million_with_the_change_in_percent() -> None:
    shown = cells("--model", "acme/owl")
    assert {what: change for what, change in shown.items() if "→" in change and what != "description"} == {
        "prompt": "$0.4/M → $0.3/M ↓ -25.00 %",
        "completion": "$2/M → dynamic",
        "request": "– → $0.01",
        "input_cache_read": "$0.04/M → $0.05/M ↑ +25.00 %",
    }
    assert shown["supported_parameters"] == "-seed +stop"


@pytest.mark.usefixtures("place")
def test_a_removal_says_in_words_whether_it_is_sure() -> None:
    assert cells("--kind", "removed") == {"removed, suspected": "Lynx"}


@pytest.mark.usefixtures("place")
def test_a_time_can_be_said_as_so_long_ago() -> None:
    ever = llmanac("changes", "--format", "csv", "--since", "2000-01-01").out
    assert ever.count("\n") > 2
    assert llmanac("changes", "--format", "csv", "--since", "520w").out == ever
    assert llmanac("changes", "--format", "csv", "--until", "3650d").out.count("\n") == 1
    refused = llmanac("changes", "--since", "7x")
    assert (refused.code, "--since: Expected an instant" in refused.err) == (2, True)


@pytest.mark.usefixtures("place")
def test_of_long_texts_that_begin_alike_the_part_that_differs_is_shown() -> None:
    described = cells("--model", "acme/owl")["description"]
    before, _, after = described.partition(" → ")
    assert before == "…of many words"
    assert after == "…of many words And now it hoots \\| in [red]many [2J words, and…"


def test_columns_that_would_say_nothing_are_left_out(memory: Memory, place: str) -> None:
    lines = llmanac("changes", "--format", "markdown").out.splitlines()
    assert len(lines) == 2 + len(memory.changes()), place
    assert lines[0] == "| seen | model | what | change | % |"
    removed = llmanac("changes", "--kind", "removed", "--format", "table").out
    assert removed.split()[:4] == ["seen", "model", "what", "change"]
    assert removed.split()[-5:] == ["14:00", "zoo/lynx", "removed,", "suspected", "Lynx"]
    every = llmanac("changes", "--cause", "all", "--format", "markdown").out
    assert every.startswith("| seen | model | what | change | % | cause |")


@pytest.mark.usefixtures("place")
def test_when_nothing_fits_it_says_what_other_causes_have() -> None:
    def words(*arguments: str) -> str:
        ended = llmanac("changes", *arguments)
        assert ended.code == 0
        return ended.err

    for output in ("json", "csv", "markdown", "table"):
        told = words("--kind", "added", "--format", output)
        assert told == "There are no changes that fit with the cause real; --cause all has 5.\n"
    assert words("--kind", "added", "--cause", "flap,alias", "--model", "acme/owl") == (
        "There are no changes that fit with the cause flap,alias; --cause all has 1.\n"
    )
    assert words("--model", "acme/newt") == "There are no changes that fit, of any cause.\n"
    assert words("--model", "acme/newt", "--cause", "all") == "There are no changes that fit.\n"
    assert words("--kind", "removed") == ""


@pytest.mark.usefixtures("place")
def test_every_filter_of_the_table_is_an_option() -> None:
    options = inspect.signature(changes).parameters
    assert [name for name in options if name in CHANGES_FIELDS] == list(CHANGES_FIELDS)

    def models(*arguments: str) -> set[str]:
        return {row["model"] for row in rows(llmanac("changes", "--format", "csv", *arguments))}

    assert models() == {"acme/owl", "zoo/lynx"}
    assert models("--cause", "all") == {"acme/owl", "zoo/lynx", *(str(other["id"]) for other in OTHERS)}
    assert models("--author", "zoo") == models("--since", "2") == models("--model", "zoo/lynx") == {"zoo/lynx"}
    assert models("--until", at(1)) == models("--field", "pricing") == models("--min-percent", "25") == {"acme/owl"}
    assert models("--min-percent", "25.01") == models("--until", "0") == set()


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--kind", "prize"), "kind: Expected some of added, "),
        (("--limit", "0"), "limit: Expected a whole number from 1 to 1000, got '0'"),
        (("--since", "tomorrow"), "since: Expected an instant such as "),
        (("--cursor", "x"), "cursor: Expected a cursor as the page before gave it"),
        (("--since", "2", "--until", "1"), "Expected since not to be later than until, got since=2 and until=1"),
        (("--model", "acme/\udcff"), "Expected arguments in UTF-8, got 'acme/\\udcff'"),
    ],
)
def test_an_impossible_value_is_told_with_what_is_allowed(arguments: tuple[str, ...], words: str) -> None:
    ended = llmanac("changes", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def test_an_empty_store_has_no_changes(tmp_path: Path) -> None:
    ended = llmanac("changes", "--format", "csv", LLMANAC_DATA_DIR=str(tmp_path / "empty"))
    assert (ended.code, ended.out.count("\n")) == (0, 1)
    assert ended.err == "There are no changes that fit, of any cause.\n"


PRICES = ("0.0000004", "0.00000039999", "0.000000400005", "0.0000003")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A model with 60 new members and four prices, and another."""
    many = {f"member_{number:02}": number for number in range(60)}
    lists = [
        (hour, [record(id="acme/owl", name="Owl", pricing=pricing(prompt=price), **(many if hour else {})), *OTHERS])
        for hour, price in enumerate(PRICES)
    ]
    lists.append((4, [*lists[-1][1], LYNX]))
    with open_house(tmp_path_factory.mktemp("house"), *lists) as made:
        yield made


def test_on_a_terminal_a_row_is_a_model_with_all_its_changes(house: House) -> None:
    shown = on_terminal(100, "changes", "--kind", "price,added", **house.remote)
    assert (shown.code, shown.err) == (0, "")
    assert [line.split() for line in shown.out.splitlines()[2:]] == [
        ["2026-10-26", "zoo/lynx", "added:", "Lynx"],
        ["2026-10-26", "acme/owl", "prompt:", "$0.400005/M", "→", "$0.3/M", "↓-25.00%"],
        ["2026-10-26", "prompt:", "$0.39999/M", "→", "$0.400005/M", "↑<0.01%"],
        ["2026-10-26", "prompt:", "$0.4/M", "→", "$0.39999/M", "↓<0.01%"],
    ]
    rows = house.ask("changes", "--kind", "price", "--format", "markdown", "--group", "model").out.splitlines()
    assert (len(rows), rows[2].count("; ")) == (3, 2)
    refused = house.ask("changes", "--group", "model", "--format", "csv")
    assert (refused.code, "--group: Expected --format table or markdown" in refused.err) == (2, True)


def test_what_rounds_to_nothing_has_its_direction(house: House) -> None:
    shown = house.ask("changes", "--kind", "price", "--since", "2000-01-01").out.splitlines()
    assert [line.split("  ")[-1].strip() for line in shown[2:]] == ["↓ <0.01 %", "↑ <0.01 %", "↓ -25.00 %"]
    down = house.ask("changes", "--direction", "down", "--format", "csv")
    assert [row["after"] for row in rows(down)] == ["0.0000003", "0.00000039999"]


def test_a_pipe_gets_all_changes_and_a_terminal_fifty_with_a_word_that_there_are_more(house: House) -> None:
    for output in ("csv", "table", "markdown"):
        piped = house.ask("changes", "--format", output)
        assert (piped.out.count("member_"), piped.err) == (60, "")
    assert len(json.loads(house.ask("changes", "--format", "json").out)["changes"]) == 64
    assert house.ask("changes", "--format", "csv", "--limit", "5").out.count("\n") == 6
    shown = on_terminal(100, "changes", "--since", "2000-01-01", "--group", "change", **house.remote)
    assert "lynx" in shown.out.splitlines()[2]
    assert len([line for line in shown.out.splitlines()[2:] if line.startswith("2026")]) == 50
    assert shown.err.startswith("These are the newest 50 changes; there are more: --order newest --cursor ")
    _, _, following = shown.err.partition("--cursor ")
    on = ("--since", "2000-01-01", "--order", "newest", "--cursor", following.split()[0])
    assert len(rows(house.ask("changes", *on, "--format", "csv"))) == 14


def test_a_name_without_its_author_is_understood_by_every_command(house: House) -> None:
    workload = ("--prompt-tokens", "1000")
    for arguments in (
        ("changes", "--model", "owl"),
        ("show", "owl"),
        ("history", "owl"),
        ("compare", "owl", "zoo/lynx"),
        ("cost", "owl", *workload),
        ("cost", "zoo/lynx", "--current", "Owl", *workload),
        ("upcoming", "--model", "owl"),
    ):
        taken = house.ask(*arguments)
        assert taken.code == 0, taken.err
        assert re.search("^owl is taken for acme/owl.$", taken.err, re.MULTILINE | re.IGNORECASE), arguments
    for arguments in (("changes", "--model", "ow"), ("show", "ow"), ("cost", "ow", *workload)):
        refused = house.ask(*arguments)
        assert (refused.code, refused.out) == (2, "")
        assert "Expected an id such as author/slug, got 'ow'\n\nhint: Did you mean acme/owl" in refused.err


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_the_forms_of_a_moment_are_named(house: House, option: str) -> None:
    refused = house.ask("changes", option, "lastweek")
    assert refused.code == 2
    assert "a Serial, or so long ago (12h, 7d, 4w), got 'lastweek'" in refused.err
