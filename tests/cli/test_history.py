"""`llmanac history MODEL`: lifetime, prices and changes in one table, from the local store and from a server."""

import csv
import io
import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.build import Json, Record, pricing, record, records
from tests.cli.command import Ended, llmanac
from tests.remembered import Memory, at, remembering
from tests.serving import TOKEN

OTHERS = records(3)
MODEL = "acme/odd name:free"
NEWT = "zoo/newt"
MANY = "zoo/many of them"


def owl(**rates: Json) -> Record:
    return record(id=MODEL, name="Owl", pricing=pricing(**rates))


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    directory = tmp_path_factory.mktemp("remembered")
    tier: Record = {"min_prompt_tokens": 128_000, "prompt": "0.0000008"}
    night: Record = {"utc_start": 0, "utc_end": 600, "utc_days": ["saturday"], "prompt": "0.0000001"}
    hours = [(0, 100, "0.0000002"), (100, 930, "0.0000003"), (930, 0, "0.0000002")]
    daily: list[Json] = [{"utc_start": since, "utc_end": until, "prompt": price} for since, until, price in hours]
    many: Record = {f"member_{number:04}": 0 for number in range(1001)}
    newt = record(id=NEWT, name="Newt", pricing=pricing(overrides=daily))
    zero, one = record(id=MANY, **many), record(id=MANY, **dict.fromkeys(many, 1))
    lists: tuple[tuple[float, Sequence[Record]], ...] = (
        (0, [owl(), newt, *OTHERS]),
        (24, [owl(prompt="0.0000002"), newt, zero, *OTHERS]),
        (48, [newt, one, *OTHERS]),
        (72, [owl(prompt="0.0000002", overrides=[tier, night]), one, *OTHERS]),
    )
    with remembering(f"sqlite:///{directory / 'llmanac.db'}", directory, *lists) as made:
        yield made


@pytest.fixture(params=["local", "server"], autouse=True)
def place(request: pytest.FixtureRequest, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the command reads from."""
    if request.param == "server":
        monkeypatch.setenv("LLMANAC_SERVER", memory.served.url)
        monkeypatch.setenv("LLMANAC_TOKEN", TOKEN)
    else:
        monkeypatch.setenv("LLMANAC_DATABASE_URL", memory.served.context.store.shown_url)
        monkeypatch.setenv("OPENROUTER_BASE_URL", memory.served.context.series.base_url)
    return str(request.param)


def rows(ended: Ended) -> list[list[str]]:
    assert ended.code == 0, ended.err
    return list(csv.reader(io.StringIO(ended.out)))


def test_json_is_the_answer_of_the_route(memory: Memory) -> None:
    ended = llmanac("history", MODEL, "--cause", "all", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == memory.ask("/api/ai/models/acme/odd name:free/history", cause="all").json()


def test_csv_holds_lifetime_prices_and_changes_exact() -> None:
    header, *found = rows(llmanac("history", MODEL, "--cause", "all", "--format", "csv"))
    assert header == ["what", "from", "to", "field", "value", "%", "cause", "certainty"]
    assert [row[:5] for row in found if row[0] in ("listed", "price") and row[3] in ("", "prompt")] == [
        ["listed", at(0), at(48), "", ""],
        ["listed", at(72), "", "", ""],
        ["price", at(0), at(24), "prompt", "0.0000004"],
        ["price", at(24), at(48), "prompt", "0.0000002"],
        [
            "price",
            at(72),
            "",
            "prompt",
            "0.0000002; 0.0000008 above 128000 tokens; 0.0000001 Sat 00:00–06:00 UTC",
        ],
    ]
    assert [row for row in found if row[0] == "mean" and row[3] == "prompt"] == [
        ["mean", at(0), at(72), "prompt", "0.0000003", "", "", ""]
    ]
    assert ["price", at(0), at(24), "pricing.prompt", '"0.0000004" → "0.0000002"', "-50.00", "real", ""] in found
    assert ["removed", at(24), at(48), "", "Owl", "", "flap", "suspected"] in found


def lines(*arguments: str) -> list[str]:
    """A table's rows, with one space between words."""
    ended = llmanac("history", *arguments)
    assert (ended.code, ended.err) == (0, "")
    return [" ".join(line.split()) for line in ended.out.splitlines()]


def test_a_table_shows_prices_per_million() -> None:
    told = lines(MODEL)
    assert "price 2026-10-26 12:00 2026-10-27 12:00 prompt $0.4/M" in told
    assert "mean 2026-10-26 12:00 2026-10-29 12:00 prompt $0.3/M, from $0.2/M to $0.4/M" in told
    assert not any(line.startswith("mean") and " completion " in line for line in told), "it had one price"
    assert not any(" web_search " in line for line in told), "it never had one"
    assert any(line.endswith("$0.4/M → $0.2/M ↓ -50.00 % real") for line in told)
    assert not any(line.startswith("removed") for line in told), "a flap is not shown by default"


def test_of_a_model_that_left_all_ends_when_it_left_and_how_sure_that_is_is_told() -> None:
    left = "2026-10-26 12:00 2026-10-29 12:00"
    told = lines(NEWT)
    assert f"listed {left}" in told
    assert f"mean {left} prompt $0.235417/M, from $0.2/M to $0.3/M" in told
    assert "removed, suspected 2026-10-28 12:00 2026-10-29 12:00 Newt real" in told
    assert f"price {left} prompt $0.2/M daily 09:30–01:00 UTC; $0.3/M daily 01:00–09:30 UTC" in told


@pytest.mark.parametrize("asked", [(), ("--since", at(25), "--until", at(50))])
def test_more_changes_than_a_page_go_on_with_the_command_that_is_told(asked: tuple[str, ...]) -> None:
    ended = llmanac("history", MANY, *asked, "--format", "json")
    program, command, *arguments = shlex.split(ended.err.removeprefix("There are more changes: "))
    assert (program, command) == ("llmanac", "changes")
    on = llmanac(command, *arguments, "--format", "json", "--limit", "1000")
    assert on.code == 0, on.err
    fields = [change["field"] for page in (ended, on) for change in json.loads(page.out)["changes"]]
    assert sorted(field for field in fields if field) == [f"member_{number:04}" for number in range(1001)]


def test_since_until_and_cause_are_options() -> None:
    found = rows(llmanac("history", MODEL, "--since", at(24), "--until", at(48), "--cause", "all", "-f", "csv"))
    assert [row[0] for row in found if row[6] == "flap"] == ["removed"]
    assert [row[1:3] for row in found if row[0] == "mean"] == [[at(24), at(48)]] * 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("acme/oddname",), 1, "There is no model 'acme/oddname'"),
        (("owl",), 2, "MODEL: Expected an id such as author/slug, got 'owl'"),
        ((MODEL, "--cause", "reel"), 2, "cause: Expected some of all, real, "),
        ((), 2, "Missing argument 'model'"),
    ],
)
def test_what_cannot_be_shown_is_told(arguments: tuple[str, ...], code: int, words: str) -> None:
    ended = llmanac("history", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert words in ended.err
    assert "\n\nhint: " in ended.err or arguments == ("owl",)


def test_an_unknown_model_is_told_with_one_that_looks_like_it() -> None:
    assert f"hint: Did you mean {MODEL}" in llmanac("history", "acme/odd name").err


def test_kind_and_limit_choose_among_the_changes() -> None:
    asked = ("history", MODEL, "--cause", "all", "-f", "csv")
    every = [row for row in rows(llmanac(*asked))[1:] if row[6]]
    found = [row for row in rows(llmanac(*asked, "--kind", "removed,returned"))[1:] if row[6]]
    assert found == [row for row in every if row[0] in ("removed", "returned")]
    assert len(found) == 2 < len(every)
    cut = llmanac(*asked, "--kind", "removed,returned", "--limit", "1")
    assert [row for row in rows(cut)[1:] if row[6]] == found[:1]
    said = f"There are more changes: llmanac changes --model {shlex.quote(MODEL)} --kind removed,returned --cause all"
    assert cut.err.startswith(said)


def test_why_the_bundle_has_no_history_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLMANAC_SERVER", "LLMANAC_DATABASE_URL", "OPENROUTER_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    ended = llmanac("history", "openai/gpt-4o", LLMANAC_DATA_DIR=str(tmp_path), LLMANAC_OFFLINE="true")
    assert ended.code == 0
    assert ended.err.startswith(
        "No list with openai/gpt-4o was saved yet: the one that comes with llmanac has no history."
    )
