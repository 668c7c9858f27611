"""`llmanac cost --usage FILES…`: calls that were made, at the prices of their time, from the local store."""

import csv
import gzip
import io
import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from tests.build import Json, Record, pricing, record
from tests.cli.command import PROGRAM, Ended, llmanac
from tests.remembered import NOON, Memory, remembering
from tests.serving import DEADLINE_SECONDS


def owl(prompt: str) -> Record:
    return record(
        id="acme/owl", canonical_slug="acme/owl-20261021", pricing=pricing(prompt=prompt, completion="0.00001")
    )


LARK = record(id="acme/lark", pricing={"prompt": "0.000001", "completion": "0.00002"})


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    directory = tmp_path_factory.mktemp("usage")
    lists = ((0, [owl("0.000003"), LARK]), (24, [owl("0.000002"), LARK]), (48, [owl("0.000002")]))
    with remembering(f"sqlite:///{directory / 'llmanac.db'}", directory, *lists) as made:
        yield made


@pytest.fixture(autouse=True)
def _local(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_DATABASE_URL", memory.served.context.store.shown_url)
    monkeypatch.setenv("OPENROUTER_BASE_URL", memory.served.context.series.base_url)


def call(model: str, hours: float, prompt: int, completion: int = 0, **usage: Json) -> str:
    created = int((NOON + timedelta(hours=hours)).timestamp())
    counted = {"prompt_tokens": prompt, "completion_tokens": completion, **usage}
    return json.dumps({"model": model, "created": created, "usage": counted}) + "\n"


CALLS = [
    call("acme/owl", 1, 1000),
    call("acme/owl", 23.9, 1000, 10),
    call("acme/owl", 24, 1000),
    call("acme/lark", 2, 500),
]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(CALLS), encoding="utf-8")
    return path


def rows(ended: Ended) -> list[tuple[str, ...]]:
    header, *found = csv.reader(io.StringIO(ended.out))
    assert header[:6] == ["model", "period", "calls", "prompt tokens", "cached tokens", "completion tokens"]
    return [tuple(row) for row in found]


def test_each_call_costs_what_was_in_force(calls: Path) -> None:
    ended = llmanac("cost", "--usage", str(calls), "--format", "csv")
    assert ended.code == 0, ended.err
    assert rows(ended) == [
        ("acme/lark", "2026-10-26", "1", "500", "0", "0", "0.0005"),
        ("acme/owl", "2026-10-26", "1", "1000", "0", "0", "0.003"),
        ("acme/owl", "2026-10-27", "2", "2000", "0", "10", "0.0051"),
    ]
    assert ended.err == "4 lines: 4 priced, 0 not, 0 bad\n"


def test_a_table_ends_with_the_sum(calls: Path) -> None:
    ended = llmanac("cost", "--usage", str(calls), "--by", "model")
    last = ended.out.rstrip().splitlines()[-1].split()
    assert last == ["all", "4", "3,500", "0", "10", "$0.0086"]


def test_several_files_of_every_form_are_one(calls: Path, tmp_path: Path) -> None:
    whole = llmanac("cost", "--usage", str(calls), "--by", "model", "--format", "json")
    packed, rest, table = tmp_path / "a.jsonl.gz", tmp_path / "b.zst", tmp_path / "c.csv"
    packed.write_bytes(gzip.compress("".join(CALLS[:2]).encode()))
    rest.write_bytes(zstandard.compress(CALLS[2].encode()))
    table.write_text("time,model,prompt_tokens\n2026-10-26T14:00:00Z,acme/lark,500\n", encoding="utf-8")
    parts = llmanac("cost", "--usage", str(packed), str(rest), str(table), "--by", "model", "--format", "json")
    assert (parts.code, parts.out) == (0, whole.out)
    assert json.loads(whole.out)["sum"]["total"] == "0.0086"


def test_standard_input_is_read_as_it_comes() -> None:
    done = subprocess.run(
        [*PROGRAM, "cost", "--usage", "-", "--by", "day", "-f", "csv"],
        input="".join(CALLS).encode(),
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert done.stdout.decode().splitlines()[1:] == ["2026-10-26,2,1500,0,0,0.0035", "2026-10-27,2,2000,0,10,0.0051"]


def test_nothing_is_lost_silently(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    lines = [
        *CALLS,
        "oops\n",
        call("acme/owel", 1, 5),
        call("acme/owl", -1, 5),
        call("acme/lark", 50, 5),
        call("owl", 1, 1000, cost=0.0031),
        call("acme/owl-20261021", 1, 1000),
        call("acme/owl", 1, -5),
    ]
    path.write_text("".join(lines), encoding="utf-8")
    ended = llmanac("cost", "--usage", str(path), "--by", "model", "--format", "csv")
    assert ended.code == 1
    assert [row.split(",")[0:2] for row in ended.out.splitlines()[1:]] == [["acme/lark", "1"], ["acme/owl", "5"]]
    told = ended.err.splitlines()
    assert any(
        line.startswith("not priced: 1 calls of 'acme/owel': not in any list; did you mean acme/owl") for line in told
    )
    assert "not priced: 1 calls of 'acme/owl': before 2026-10-26 12:00, when the first list was had" in told
    assert "not priced: 1 calls of 'acme/lark': after 2026-10-28T12:00:00Z, when it was no longer listed" in told
    assert any(line.startswith(f"bad line: {path}:5: no JSON") for line in told)
    assert any(line.startswith(f"bad line: {path}:11: Expected `int` >= 0") and line.endswith(" -5") for line in told)
    assert "taken for their ids: acme/owl-20261021 → acme/owl, owl → acme/owl" in told
    assert told[-1] == "11 lines: 6 priced, 3 not, 2 bad; the total is not whole"
    shown = json.loads(llmanac("cost", "--usage", str(path), "--by", "model", "--format", "json").out)
    assert (shown["lines"], shown["sum"]["calls"], shown["unpriced_calls"], shown["bad_lines"]) == (11, 6, 3, 2)
    assert (shown["sum"]["stated_total"], shown["sum"]["difference"]) == ("0.0031", "-0.0001")
    nearest = json.loads(llmanac("cost", "--usage", str(path), "--nearest-price", "--format", "json").out)
    assert (nearest["sum"]["calls"], nearest["unpriced_calls"]) == (8, 1)


def test_as_of_prices_all_calls_by_one_list(calls: Path) -> None:
    ended = llmanac("cost", "--usage", str(calls), "--as-of", "1", "--by", "model", "--format", "json")
    assert json.loads(ended.out)["sum"]["total"] == "0.0096"


def test_columns_and_times_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("engine,in,cache_read_tokens,team\nacme/owl,600,400,x\n", encoding="utf-8")
    named = ("--columns", "model=engine,prompt_tokens=in", "--at", "2026-10-26T13:00:00Z")
    ended = llmanac("cost", "--usage", str(path), *named, "--input-excludes-cache", "--format", "json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["sum"]["prompt_tokens"] == 1000
    assert ended.err == f"{path}: columns that are not read: team\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--by", "week"), "--by: Expected model, one of day, month, hour"),
        (("--by", "day,month"), "--by: Expected model"),
        (("--columns", "model"), "--columns: Expected name=header"),
        (("--at", "1"), "--at: Expected an instant"),
        (("--prompt-tokens", "5"), "--usage: Expected no --prompt-tokens beside it"),
        (("--budget", "5"), "--usage: Expected no --budget beside it"),
        (("--current", "a/b"), "--usage: Expected no --current beside it"),
        (("--break-even", "prompt_tokens"), "--usage: Expected no --break-even beside it"),
        (("--server", "http://127.0.0.1:9"), "--usage: Expected the local store, got --server"),
        (("missing.csv",), "--usage: missing.csv cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_told(calls: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = llmanac("cost", "--usage", str(calls), *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calls.gz"
    path.write_bytes(gzip.compress("".join(CALLS).encode())[:-5])
    ended = llmanac("cost", "--usage", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert f"{path}: the compressed content is damaged or cut short" in ended.err


def test_hints_show_what_can_be_typed_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("engine,tokens_in\nacme/owl,600\n", encoding="utf-8")
    refused = llmanac("cost", "--usage", str(path))
    assert "at least model and prompt_tokens" in refused.err
    assert "--columns model=engine,prompt_tokens=tokens_in" in " ".join(refused.err.split())
    unknown = llmanac("cost", "--usage", str(path), "--columns", "promt_tokens=tokens_in")
    assert "prompt_tokens" in unknown.err
    assert "--prompt-tokens" not in unknown.err + refused.err
    elsewhere = llmanac("cost", "--usage", str(path), "--server", "http://127.0.0.1:9")
    assert "llmanac export --history history.tar.zst" in " ".join(elsewhere.err.split())


def test_an_agents_log_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    message = {"id": "msg_1", "model": "acme/owl", "usage": {"input_tokens": 1000, "output_tokens": 0}}
    said = {"type": "user", "timestamp": "2026-10-26T14:00:00Z", "message": {"role": "user", "content": "hoot"}}
    block = {"type": "assistant", "timestamp": "2026-10-26T14:00:01Z", "requestId": "req_1", "message": message}
    strange = {"model": "acme/owl", "time": "2026-10-26T15:00:00Z", "prompt_tokens": 1, "dream_tokens": 4}
    path.write_text("".join(json.dumps(line) + "\n" for line in (said, block, block, strange)), encoding="utf-8")
    ended = llmanac("cost", "--usage", str(path), str(path), "--by", "model", "--format", "csv")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[1] == "acme/owl,3,1002,0,0,0.003006"
    assert ended.err.splitlines() == [
        "assumed for 2 calls: the count dream_tokens is of no known kind and is not priced",
        "3 lines repeat a call that was counted",
        "8 lines: 3 priced, 0 not, 0 bad, 2 no call, 3 repeated",
    ]


def test_names_that_are_guessed_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    names = ["owl", "OWL", "Owl", "oWl", "owL", "OWl", "oWL", "OwL", "acme/OWL", "acme/Owl"]
    path.write_text("".join(call(name, 1, 1000) for name in names), encoding="utf-8")
    told = llmanac("cost", "--usage", str(path)).err.splitlines()
    taken = (
        "taken for their ids: OWL → acme/owl, OWl → acme/owl, OwL → acme/owl, Owl → acme/owl, acme/OWL → acme/owl,"
        " acme/Owl → acme/owl, oWL → acme/owl, oWl → acme/owl, and 2 more; --format json has why"
    )
    assert told == [
        taken,
        "10 lines: 10 priced, 0 not, 0 bad",
    ]
