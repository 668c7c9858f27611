"""What `python -m scripts.bundle` makes, and that the bundle in the tree is what it makes."""

import gzip
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from scripts.bundle import BUNDLE, main
from scripts.sentence import mark
from tests.build import answer, records
from tests.shared_data import facts
from tests.upstream_simulator import FAULTS, UpstreamSimulator

CASES = sorted((Path(__file__).parents[1] / "data").glob("*.json"))
DAY = date(2026, 10, 26)


def made(tmp_path: Path, *arguments: str) -> bytes:
    target = tmp_path / "bundle.json"
    assert main(arguments, target) == 0
    return target.read_bytes()


def rows(raw: bytes) -> list[dict[str, object]]:
    """The records with every number as its text, so that 0.10 and 0.1 differ."""
    data = json.loads(raw, parse_int=str, parse_float=str)["data"]
    assert isinstance(data, list)
    return data


def without_description(listed: list[dict[str, object]]) -> list[list[tuple[str, object]]]:
    """Members as pairs, so that their order is compared as well."""
    return [[pair for pair in row.items() if pair[0] != "description"] for row in listed]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_records_keep_members_order_and_every_digit(case: Path, tmp_path: Path) -> None:
    assert without_description(rows(made(tmp_path, "--from", str(case)))) == without_description(
        rows(case.read_bytes())
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_no_description_of_the_source_survives(case: Path, tmp_path: Path) -> None:
    before = [row.get("description") for row in rows(case.read_bytes())]
    after = [str(row["description"]) for row in rows(made(tmp_path, "--from", str(case)))]
    assert all(text.endswith(mark(date.fromisoformat(case.name[:10]))) for text in after)
    assert not {text for text in before if text} & set(after)


def test_the_bundle_names_its_source_and_day_and_has_a_record_a_line(tmp_path: Path) -> None:
    stored = tmp_path / "list-2026-10-26.json"
    stored.write_bytes(answer(records(3)))
    lines = made(tmp_path, "--from", str(stored)).decode().splitlines()
    head = json.loads(lines[0] + "]}")
    assert [head["source"], head["taken_on"], head["data"]] == ["openrouter", "2026-10-26", []]
    assert "composed" in head["note"]
    assert [json.loads(line.removesuffix(","))["id"] for line in lines[1:-1]] == [
        "acme/owl-3",
        "acme/owl-2",
        "acme/owl-1",
    ]
    assert lines[-1] == "]}"


def test_a_compressed_bare_list_makes_the_same_bundle(tmp_path: Path) -> None:
    plain, packed = tmp_path / "2026-10-26.json", tmp_path / "2026-10-26.json.gz"
    plain.write_bytes(answer(records(2)))
    packed.write_bytes(gzip.compress(json.dumps(records(2)).encode()))
    assert made(tmp_path, "--from", str(plain)) == made(tmp_path, "--from", str(packed))


def test_a_bundle_made_again_from_itself_is_the_same(tmp_path: Path) -> None:
    once = made(tmp_path, "--from", str(CASES[-1]))
    assert made(tmp_path, "--from", str(tmp_path / "bundle.json")) == once
    assert main(["--check"], tmp_path / "bundle.json") == 0


def test_the_check_fails_for_a_list_that_moved_on_and_changes_nothing(tmp_path: Path) -> None:
    once = made(tmp_path, "--from", str(CASES[0]))
    assert main(["--check", "--from", str(CASES[1])], tmp_path / "bundle.json") == 1
    assert (tmp_path / "bundle.json").read_bytes() == once


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "is no list of models"),
        (b'{"error": {"code": 500, "message": "later"}}', "is no list of models"),
        (b'{"data": [1]}', "is no list of models"),
        (b'{"data": []}', "expected models"),
    ],
)
def test_what_is_no_list_leaves_the_bundle_alone(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    once = made(tmp_path, "--from", str(CASES[0]))
    stored = tmp_path / "2026-10-27.json"
    stored.write_bytes(content)
    assert main(["--from", str(stored)], tmp_path / "bundle.json") == 2
    assert said in capsys.readouterr().err
    assert (tmp_path / "bundle.json").read_bytes() == once


@pytest.mark.parametrize("name", ["list.json", "list-2026-13-26.json"])
def test_a_file_without_a_day_needs_to_be_told_one(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = tmp_path / name
    stored.write_bytes(answer(records(1)))
    assert main(["--from", str(stored)], tmp_path / "bundle.json") == 2
    assert "hint: add --taken-on" in capsys.readouterr().err
    assert json.loads(made(tmp_path, "--from", str(stored), "--taken-on", "2026-10-27"))["taken_on"] == "2026-10-27"


def test_a_live_list_is_read_page_by_page_and_dated_as_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with UpstreamSimulator(records(3), page_size=2) as upstream:
        monkeypatch.setenv("OPENROUTER_BASE_URL", upstream.base_url)
        bundle = made(tmp_path, "--taken-on", "2026-10-28")
    assert [row["id"] for row in rows(bundle)] == ["acme/owl-3", "acme/owl-2", "acme/owl-1"]
    assert json.loads(bundle)["taken_on"] == "2026-10-28"


@pytest.mark.parametrize(
    ("fault", "code"),
    [("bad_request", 3), ("next_page_is_this_page", 3), ("reset_in_body", 3), ("html_page", 2), ("invalid_json", 2)],
)
def test_a_live_list_that_cannot_be_had_whole_makes_no_bundle(
    fault: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with UpstreamSimulator(records(3), fault=FAULTS[fault]) as upstream:
        monkeypatch.setenv("OPENROUTER_BASE_URL", upstream.base_url)
        monkeypatch.setenv("LLMANAC_SYNC_RETRIES", "0")
        assert main([], tmp_path / "bundle.json") == code
    assert capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_newest_list_of_the_store_makes_the_bundle_it_would_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with UpstreamSimulator(records(3)) as upstream:
        monkeypatch.setenv("OPENROUTER_BASE_URL", upstream.base_url)
        subprocess.run([sys.executable, "-m", "llmanac.cli.main", "sync"], check=True, capture_output=True)
        live = made(tmp_path, "--taken-on", "2026-10-28")
    assert made(tmp_path, "--from", "store", "--taken-on", "2026-10-28") == live


def test_an_empty_store_makes_no_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", "store"], tmp_path / "bundle.json") == 2
    assert "empty list" in capsys.readouterr().err


def test_the_shipped_bundle_is_what_the_script_makes_of_it() -> None:
    assert main(["--check"]) == 0


def test_the_shipped_bundle_holds_688_models_each_with_a_marked_sentence_without_a_price() -> None:
    shipped = json.loads(BUNDLE.read_bytes())
    outputs = [row["architecture"]["output_modalities"] for row in shipped["data"]]
    assert [shipped["source"], shipped["taken_on"]] == ["openrouter", "2026-10-26"]
    assert [len(outputs), sum("text" in out for out in outputs), sum("image" in out for out in outputs)] == [
        688,
        472,
        63,
    ]
    for row in shipped["data"]:
        assert row["description"].endswith(mark(DAY))
        assert not re.search(r"\$|USD|0\.0|\bprice|\bfree\b", row["description"].partition("(")[0])


@pytest.mark.real_lists
def test_the_shipped_bundle_differs_from_its_source_in_descriptions_only() -> None:
    assert without_description(rows(BUNDLE.read_bytes())) == without_description(rows(facts().raw()))
