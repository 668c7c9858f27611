"""Data on stdout, in four formats and exactly as upstream sent it; words on stderr."""

import csv
import io
import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from llmanac.application import make_app_context
from llmanac.assemble import open_store
from llmanac.cli.output import Format
from tests.build import Record, pricing, record
from tests.cli.command import PROGRAM, llmanac
from tests.serving import DEADLINE_SECONDS, settings_for
from tests.upstream_simulator import UpstreamSimulator

MARKUP = r"[red]Owl[/red] a\[bold]b :fire: tail" + "\\"
LONG = "An owl with a name " + "that goes on " * 20
STEERING = "\x1b[2J\x1b]0;owned\x07Owl\x9b31m"
MODELS: list[Record] = [
    record(id="acme/[i]odd", name=MARKUP),
    record(id="acme/free:free", name="Free", pricing=pricing(prompt="0", completion="0")),
    record(id="acme/router", name="Router | a", pricing=pricing(prompt="-1", completion="-1")),
    record(id="acme/silent", name=None, context_length=None, pricing={}),
    record(id="acme/long", name=LONG),
    record(id="acme/steering", name=STEERING),
]
CONTROLS = {"\x1b", "\x07", "\x9b"}
COLUMNS = ["id", "name", "input", "output", "context", "prompt $/M", "completion $/M"]


@pytest.fixture(autouse=True)
def _filled_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local store holds MODELS."""
    with UpstreamSimulator(MODELS) as upstream:
        monkeypatch.setenv("OPENROUTER_BASE_URL", upstream.base_url)
        settings = settings_for(Path(os.environ["LLMANAC_DATA_DIR"]), upstream.base_url)
        store = open_store(settings)
        make_app_context(settings, store).worker.sync_now()
        store.close()


def test_the_list_is_the_same_in_all_formats() -> None:
    by_format = {wanted: llmanac("list", "--format", wanted) for wanted in Format}
    assert {(ended.code, ended.err) for ended in by_format.values()} == {(0, "")}

    text = json.loads(by_format[Format.JSON].out)["text"][0]["models"]
    assert [(model["id"], model.get("name")) for model in text] == [(row["id"], row["name"]) for row in MODELS]
    assert [model["id"] for model in text if "name" not in model] == ["acme/silent"]

    header, *rows = csv.reader(io.StringIO(by_format[Format.CSV].out))
    assert header == COLUMNS
    assert [row[1] for row in rows] == [MARKUP, "Free", "Router | a", "", LONG, STEERING]
    assert [row[4:] for row in rows] == [
        ["262144", "0.4", "2"],
        ["262144", "0", "0"],
        ["262144", "dynamic", "dynamic"],
        ["", "unknown", "unknown"],
        ["262144", "0.4", "2"],
        ["262144", "0.4", "2"],
    ]

    lines = by_format[Format.MARKDOWN].out.splitlines()
    assert lines[0] == "| " + " | ".join(COLUMNS) + " |"
    assert lines[1].count("---:") == 3
    assert r"Router \| a" in lines[4]
    assert len(lines) == 2 + len(MODELS)
    assert not CONTROLS & set(by_format[Format.MARKDOWN].out)

    table = by_format[Format.TABLE].out
    lines = table.splitlines()
    assert [line for line in lines if line.startswith("acme/[i]odd ") and f" {MARKUP} " in line]
    assert not CONTROLS & set(table)
    # A pipe has no edge to fold at: `| grep` finds whole rows.
    assert [line for line in lines if line.startswith("acme/long ") and LONG.strip() in line]


def test_progress_is_drawn_on_a_terminal_without_colours_where_they_are_not_wanted() -> None:
    main, terminal = pty.openpty()
    drawn = b""
    with UpstreamSimulator(MODELS) as upstream:
        environment = os.environ | {"OPENROUTER_BASE_URL": upstream.base_url, "NO_COLOR": "1", "TERM": "xterm"}
        with (
            upstream.held(),
            subprocess.Popen([*PROGRAM, "sync"], env=environment, stdout=subprocess.PIPE, stderr=terminal) as process,
        ):
            upstream.wait_for_requests(1)
            os.close(terminal)
            while b"asking upstream" not in drawn:
                drawn += os.read(main, 65536)
            while len(drawn) < 400:
                drawn += os.read(main, 65536)
            process.kill()
    os.close(main)
    assert b"\r" in drawn
    assert not [colour for colour in range(30, 38) if b"\x1b[%dm" % colour in drawn]


def test_a_reader_that_has_enough_is_no_failure() -> None:
    command = [*PROGRAM, "list", "--format", "csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"id,")
        process.stdout.close()
        assert (process.wait(DEADLINE_SECONDS), process.stderr.read()) == (0, b"")


def test_an_output_that_cannot_show_every_character_still_shows_the_list() -> None:
    ended = llmanac("list", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ended.code, ended.err) == (0, "")
