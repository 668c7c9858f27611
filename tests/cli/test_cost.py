"""`llmanac cost MODELS`: the same from the local store and from a server; tables round, nothing else does."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmanac.cli.money import dollars, percent
from tests.build import pricing, record, records
from tests.cli.command import Ended, llmanac
from tests.remembered import Memory, at, remembering
from tests.serving import TOKEN

OWL = record(id="acme/owl", pricing=pricing(prompt="0.000002", completion="0.00001", input_cache_read="0.0000002"))
LARK = record(id="acme/lark", pricing={"prompt": "0.000001", "completion": "0.00002"})
ROUTER = record(id="acme/router", pricing={"prompt": "-1", "completion": "-1"})
OLD_OWL = record(id="acme/owl", pricing=pricing(prompt="0.000003"))


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    directory = tmp_path_factory.mktemp("cost")
    lists = ((0, [OLD_OWL, LARK, ROUTER]), (24, [OWL, LARK, ROUTER, *records(3)]))
    with remembering(f"sqlite:///{directory / 'llmanac.db'}", directory, *lists) as made:
        yield made


@pytest.fixture(autouse=True)
def _local(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_DATABASE_URL", memory.served.context.store.shown_url)
    monkeypatch.setenv("OPENROUTER_BASE_URL", memory.served.context.series.base_url)


def rows(ended: Ended) -> list[dict[str, str]]:
    assert ended.code == 0, ended.err
    return list(csv.DictReader(io.StringIO(ended.out)))


def table(ended: Ended) -> list[list[str]]:
    """The cells of a table; none of them holds two spaces."""
    lines = [line.strip() for line in ended.out.splitlines() if line.strip() and "─" not in line]
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]


TEXT = ("--prompt-tokens", "1000", "--completion-tokens", "100")


def test_json_is_the_answer_of_the_route_here_and_from_a_server(memory: Memory) -> None:
    asked = ("cost", "acme/owl", *TEXT, "--cache-read-tokens", "400", "--as-of", at(24), "--format", "json")
    ended = llmanac(*asked)
    assert (ended.code, ended.err) == (0, "")
    assert llmanac(*asked, LLMANAC_SERVER=memory.served.url, LLMANAC_TOKEN=TOKEN) == ended
    future = ("--as-of", "2999-01-01", "--server", memory.served.url, "--token", TOKEN)
    refused = llmanac("cost", "acme/owl", *TEXT, *future)
    assert (refused.code, refused.out) == (2, "")
    assert "answered 400 to POST /api/ai/cost: --as-of: Expected an instant up to now" in refused.err
    workload = {"prompt_tokens": 1000, "completion_tokens": 100, "cache_read_tokens": 400}
    body = {"models": ["acme/owl"], "workload": workload, "as_of": at(24)}
    assert json.loads(ended.out) == memory.served.http.post("/api/ai/cost", json=body).json()
    assert json.loads(ended.out)["quotes"][0]["total"] == "0.00228"


def test_a_table_rounds_and_says_what_is_missing() -> None:
    ended = llmanac("cost", "acme/router", "acme/owl", "acme/lark", *TEXT, "--requests", "12345")
    assert ended.code == 0, ended.err
    header, lark, owl, router = table(ended)
    assert header == ["id", "total", "known total", "missing"]
    assert (lark, owl) == (["acme/lark", "$37.04"], ["acme/owl", "$37.04"])
    assert router == ["acme/router", "unknown", "$0", "prompt (dynamic); completion (dynamic)"]


def test_csv_is_exact_and_compares_with_the_current_choice() -> None:
    found = rows(
        llmanac("cost", "acme/owl", "acme/lark", *TEXT[:2], "--current", "acme/owl", "--budget", "0.01", "-f", "csv")
    )
    assert found == [
        {"id": "acme/lark", "total": "0.001", "difference": "-0.001", "%": "-50", "requests": "10", "left": "0"},
        {"id": "acme/owl", "total": "0.002", "difference": "0", "%": "0", "requests": "5", "left": "0"},
    ]


def test_filters_choose_when_no_ids_are_given() -> None:
    found = rows(llmanac("cost", *TEXT, "--model-authors", "acme", "--q", "owl", "--limit", "2", "-f", "csv"))
    assert [row["id"] for row in found] == ["acme/owl-1", "acme/owl-2"]


def test_lines_months_and_stretches_are_tables_of_their_own() -> None:
    lines = rows(llmanac("cost", "acme/owl", *TEXT, "--lines", "-f", "csv"))
    assert [(row["rate"], row["quantity"], row["amount"]) for row in lines] == [
        ("prompt", "1000", "0.002"),
        ("completion", "100", "0.001"),
    ]
    growth = ("--days", "33", "--growth", "10", "--start", "2026-10-01")
    months = rows(llmanac("cost", "acme/owl", *TEXT, *growth, "-f", "csv"))
    assert [(row["month"], row["days"], row["total"]) for row in months] == [
        ("2026-10", "31", "0.093"),
        ("2026-11", "2", "0.0066"),
    ]
    ended = llmanac("cost", "acme/owl", "acme/lark", *TEXT, "--break-even", "completion_tokens", "-f", "csv")
    assert [tuple(row.values()) for row in rows(ended)] == [
        ("0", "99", "acme/lark"),
        ("100", "100", "neither"),
        ("101", "on", "acme/owl"),
    ]
    assert "they cost the same at 100 completion_tokens" in ended.err


def test_the_past_and_a_file_of_workloads(tmp_path: Path) -> None:
    (found,) = rows(llmanac("cost", "acme/owl", "--prompt-tokens", "1000", "--as-of", at(1), "-f", "csv"))
    assert found["total"] == "0.003"
    week = {"at": {"monday": [1] * 24}, "prompt_tokens": 1000}
    path = tmp_path / "week.json"
    path.write_text(json.dumps([week, {"completion_tokens": 1}]), encoding="utf-8")
    (found,) = rows(llmanac("cost", "acme/owl", "--workload", str(path), "-f", "csv"))
    assert found["total"] == "0.04801"


def test_how_long_ago_is_an_instant_too() -> None:
    ended = llmanac("cost", "acme/owl", "--prompt-tokens", "1000", "--as-of", "1h", "-f", "csv")
    assert (ended.out, ended.err) == ("id,total\nacme/owl,0.002\n", "")


def test_that_the_list_is_old_is_said_but_not_of_the_past(memory: Memory) -> None:
    days = (datetime.now(UTC) - datetime.fromisoformat(at(24))).days
    said = f"The list is {days} days old: prices that changed since then are not known.\n"
    assert llmanac("cost", "acme/owl", *TEXT).err == said
    assert llmanac("cost", "acme/owl", *TEXT, "-f", "json", "--server", memory.served.url, "--token", TOKEN).err == said
    assert llmanac("cost", "acme/owl", *TEXT, "--as-of", at(24)).err == ""


def test_json_has_all_that_was_asked_for_together() -> None:
    asked = ("--days", "2", "--start", "2026-12-01", "--budget", "1", "--current", "acme/lark", "--lines", "-f", "json")
    ended = llmanac("cost", "acme/owl", *TEXT, *asked)
    (quote,) = json.loads(ended.out)["quotes"]
    assert None not in (quote["months"], quote["affordable"], quote["difference"])


def test_a_series_of_what_is_not_known_is_shown_as_unknown() -> None:
    ended = llmanac("cost", "acme/owl", "acme/router", *TEXT, "--days", "1", "--start", "2026-01-01")
    assert table(ended)[1:] == [
        ["acme/owl", "2026-01", "1", "1", "$0.003"],
        ["acme/owl", "all", "1", "1", "$0.003"],
        ["acme/router", "unknown"],
    ]


def test_requests_of_a_series_are_those_of_a_day_or_of_a_month_as_is_said() -> None:
    series = ("cost", "acme/owl", *TEXT, "--requests", "50000", "--growth", "10", "--start", "2026-11-16")
    refused = llmanac(*series, "--days", "46")
    assert (refused.code, refused.out) == (2, "")
    assert "--requests: Expected --requests-per day or --requests-per month beside it in a series" in refused.err
    # 15 of the 30 days of November, then all of December with a tenth more.
    assert table(llmanac(*series, "--days", "46", "--requests-per", "month"))[1:] == [
        ["acme/owl", "2026-11", "15", "25,000", "$75.00"],
        ["acme/owl", "2026-12", "31", "55,000", "$165.00"],
        ["acme/owl", "all", "46", "80,000", "$240.00"],
    ]
    assert table(llmanac(*series, "--days", "46", "--requests-per", "day"))[-1] == [
        "acme/owl", "all", "46", "2,455,000", "$7,365.00",
    ]  # fmt: skip
    exact = rows(llmanac(*series, "--days", "46", "--requests-per", "month", "-f", "csv"))
    assert [(row["month"], row["requests"]) for row in exact] == [("2026-11", "25000"), ("2026-12", "55000")]


def test_the_current_choice_has_its_own_total() -> None:
    asked = ("cost", "acme/lark", "--prompt-tokens", "1000", "--current", "acme/owl")
    assert table(llmanac(*asked))[1:] == [
        ["acme/owl", "$0.002", "current"],
        ["acme/lark", "$0.001", "-$0.001", "-50"],
    ]
    (other,) = rows(llmanac(*asked, "-f", "csv"))
    assert other["id"] == "acme/lark"


def test_what_is_longer_than_a_models_context_is_said_to_be_refused(memory: Memory) -> None:
    ended = llmanac("cost", "acme/owl", "--prompt-tokens", "300000")
    said = "its context is 262144 tokens, and a request has 300000: it would be refused"
    assert f"assumed for acme/owl: {said}\n" in ended.err
    body = {"models": ["acme/owl"], "workload": {"prompt_tokens": 300000}}
    assert said in memory.served.http.post("/api/ai/cost", json=body).json()["quotes"][0]["assumed"]
    assert "context" not in llmanac("cost", "acme/owl", "--prompt-tokens", "262144").err


@pytest.mark.parametrize(
    ("typed", "total"), [("1.8k", "0.0036"), ("2K", "0.004"), ("0.25M", "0.5"), ("1m", "2"), ("1800", "0.0036")]
)
def test_token_counts_may_be_typed_in_thousands_and_millions(typed: str, total: str) -> None:
    assert rows(llmanac("cost", "acme/owl", "--prompt-tokens", typed, "-f", "csv"))[0]["total"] == total


def test_growth_alone_is_a_year() -> None:
    found = rows(llmanac("cost", "acme/owl", *TEXT, "--growth", "10", "--start", "2026-01-01", "-f", "csv"))
    assert sum(int(row["days"]) for row in found) == 365


def test_no_table_is_shown_without_rows() -> None:
    unknown = llmanac("cost", "acme/owll", *TEXT)
    assert (unknown.code, unknown.out) == (1, "")
    assert "not priced: acme/owll" in unknown.err
    none = llmanac("cost", "--q", "owl", "--prompt-tokens", "1000000000")
    assert (none.code, none.out) == (0, "")
    assert "No model is left that can do this workload." in none.err


def test_a_workload_of_a_file_is_refused_in_the_words_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "workload.json"
    path.write_text('[{"prompt_tokens": 1}, {"promt_tokens": 1}]', encoding="utf-8")
    ended = llmanac("cost", "acme/owl", "--workload", str(path))
    assert ended.code == 2
    assert "error: `workload[1]` has no member `promt_tokens`\n\nhint: Did you mean prompt_tokens?" in ended.err


def test_an_id_that_cannot_be_priced_is_told_and_the_others_are_priced() -> None:
    ended = llmanac("cost", "acme/owl", "acme/owll", *TEXT, "-f", "csv")
    assert ended.code == 1
    assert "not priced: acme/owll: There is no model 'acme/owll'. Did you mean acme/owl" in ended.err
    assert ended.out.splitlines() == ["id,total", "acme/owl,0.003"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("acme/owl",), "Expected what a request counts"),
        (("acme/owl", "--prompt-tokens", "many"), "--prompt-tokens: Expected a whole number"),
        (("acme/owl", "--prompt-tokens", "1.8g"), "such as 1800, 1.8k or 2M, got '1.8g'"),
        (("acme/owl", "--prompt-tokens", "1.2345k"), "such as 1800, 1.8k or 2M, got '1.2345k'"),
        (
            ("acme/owl", "--prompt-tokens", "1", "--cache-read-tokens", "2"),
            "error: --cache-read-tokens 2 is more than --prompt-tokens 1, which should hold it",
        ),
        (
            ("acme/owl", "--prompt-tokens", "1", "--cache-read-tokens", "2"),
            "hint: Add --input-excludes-cache if --prompt-tokens does not count cached tokens.",
        ),
        (("acme/owl", "--q", "owl", *TEXT), "Expected ids or filters, got both: acme/owl and --q"),
        (("acme/owl", *TEXT, "--break-even", "completion_tokens"), "--break-even: Expected two ids, got 1"),
        (("acme/owl", *TEXT, "--growth", "x"), "error: --growth: Expected a number from -100 to 1000 with at most 3"),
        (("acme/owl", *TEXT, "--growth", "2000"), "--growth must be a number from -100 to 1000 with at most 3 decimal"),
        (("acme/owl", *TEXT, "--growth", "2000"), ", got 2000\n\nhint: llmanac cost --help says"),
        (("acme/owl", *TEXT, "--days", "0"), "error: --days must be from 1 to 3660, got 0"),
        (("acme/owl", *TEXT, "--days", "5", "--start", "tomorrow"), '--start: Expected a date such as "2026-12-01"'),
        (("acme/owl", *TEXT, "--start", "2026-12-01"), "--start: Expected --days or --growth beside it"),
        (("acme/owl", *TEXT, "--per", "day"), "--per: Expected --days or --growth beside it"),
        (("acme/owl", *TEXT, "--budget", "x"), "error: --budget: Expected an amount in USD"),
        (("acme/owl", *TEXT, "--at", "noon"), "error: --at: Expected an instant with its offset from UTC, such as"),
        (("acme/owl", *TEXT, "--at", "2026-12-01"), 'such as "2026-12-01T14:30:00Z", got "2026-12-01"'),
        (("acme/owl", *TEXT, "--at", "noon"), 'got "noon"\n\nhint: A date alone does not say which hour'),
        (("acme/owl", *TEXT, "--as-of", "noon"), "--as-of: Expected an instant"),
        (("acme/owl", *TEXT, "--days", "5", "--budget", "1"), "--budget: Expected no --days beside it"),
        (("acme/owl", *TEXT, "--growth", "5", "--lines", "-f", "csv"), "--lines: Expected no --growth beside it"),
        (("acme/owl", *TEXT, "--days", "5", "--current", "acme/owl"), "--current: Expected no --days beside it"),
        (("acme/owl", *TEXT, "--lines", "--budget", "5"), "--budget: Expected no --lines beside it"),
        (("acme/owl", "acme/lark", *TEXT, "--break-even", "prompt_tokens", "--days", "5"), "--days: Expected no --br"),
        (("acme/owl", "--workload", "nothing.json"), "--workload: nothing.json cannot be read"),
        (("acme/owl", "--workload", "/dev/zero"), "--workload: Expected at most 1048576 bytes, got more"),
        (("--usage", "calls.csv", "--lines"), "--usage: Expected no --lines beside it"),
        (("--usage", "calls.csv", "--budget", "1"), "--usage: Expected no --budget beside it"),
        ((*TEXT, "--max-price", "x"), "error: --max-price: Expected"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments: tuple[str, ...], words: str) -> None:
    ended = llmanac("cost", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"),
        ("0.000123", "$0.000123"),
        ("0.00012345", "$0.000123"),
        ("0.0000000000019999", "$0.000000000002"),
        ("0.12", "$0.12"),
        ("0.9999", "$1.00"),
        ("1", "$1.00"),
        ("12.345", "$12.35"),
        ("10.125", "$10.13"),
        ("-10.125", "-$10.13"),
        ("10.1249999", "$10.12"),
        ("0.0001225", "$0.000123"),
        ("12.355", "$12.36"),
        ("-1234567.891", "-$1,234,567.89"),
        ("-0.00451", "-$0.00451"),
        (f"1.{'3' * 200}", "$1.33"),
    ],
)
def test_amounts_for_eyes(amount: str, shown: str) -> None:
    assert dollars(amount) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("10", "10"), ("10.94", "10.9"), ("10.96", "11.0"), ("0.25", "0.3"), ("-0.25", "-0.3"), ("-0.04", "0.0")],
)
def test_percents_for_eyes(text: str, shown: str) -> None:
    assert percent(text) == shown
