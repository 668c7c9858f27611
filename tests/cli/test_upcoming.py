"""`llmanac upcoming`: who leaves when, since when that is known, and what may stand in."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from llmanac.cli.output import Format
from tests.build import CREATED, Record, architecture, record
from tests.cli.command import Ended, llmanac
from tests.serving import TOKEN, Served, serving, settings_for
from tests.sync.pipeline import Pipeline
from tests.upstream_simulator import UpstreamSimulator

DAY = timedelta(days=1)
START = datetime(2026, 1, 10, 6, tzinfo=UTC)


def in_days(days: int) -> str:
    """The day so many days from today, in UTC as the command counts."""
    return (datetime.now(UTC).date() + days * DAY).isoformat()


@contextmanager
def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *days: Sequence[Record], start: datetime = START
) -> Iterator[Served]:
    """A store with a list a day, for the commands of this test and for a server."""
    url = f"sqlite:///{tmp_path / 'llmanac.db'}"
    with UpstreamSimulator() as upstream:
        pipeline = Pipeline(url, upstream, quarantine_min_share=0)
        for number, sent in enumerate(days):
            upstream.change(records=sent)
            pipeline.at = start + number * DAY
            pipeline.sync()
        pipeline.close()
        monkeypatch.setenv("LLMANAC_DATABASE_URL", url)
        monkeypatch.setenv("OPENROUTER_BASE_URL", upstream.base_url)
        monkeypatch.setenv("LLMANAC_OFFLINE", "true")
        with serving(settings_for(tmp_path, upstream.base_url, database_url=url, offline=True)) as server:
            yield server


def both(served: Served, *arguments: str) -> Ended:
    """What the local store and the server say, which is the same."""
    local = llmanac("upcoming", *arguments)
    assert local.code == 0, local.err
    assert llmanac("upcoming", *arguments, "--server", served.url, "--token", TOKEN) == local
    return local


def found(served: Served, *arguments: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(both(served, *arguments, "--format", "json").out)
    return rows


OWL = record(id="acme/owl-2", name="Acme: Owl 2")


def leaving(day: str | None, model_id: str = "acme/owl-1", **members: str) -> Record:
    return record(id=model_id, created=CREATED - 86_400, expiration_date=day, **members)


def test_models_are_listed_by_their_last_day_the_soonest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = [
        OWL,
        leaving(in_days(30), "acme/far"),
        leaving(in_days(0), "acme/today"),
        leaving(in_days(-2), "acme/overdue"),
        leaving(in_days(31), "acme/too-far"),
        leaving("2098-12-31", "acme/sentinel"),
        leaving("soon", "acme/nonsense"),
        leaving(f"{in_days(7)}T00:00:00Z", "acme/week"),
        record(id="acme/eye", architecture=architecture(["text"], ["image"]), expiration_date=in_days(7)),
    ]
    with served(tmp_path, monkeypatch, models) as server:
        assert [(row["id"], row["days_left"]) for row in found(server)] == [
            ("acme/overdue", -2),
            ("acme/today", 0),
            ("acme/eye", 7),
            ("acme/week", 7),
            ("acme/far", 30),
        ]
        assert [row["last_day"] for row in found(server, "--days", "0")] == [in_days(-2), in_days(0)]
        told = [line.split("|")[1:5:3] for line in both(server, "--format", "markdown", "--days", "0").out.splitlines()]
        assert told[2:] == [[" acme/overdue ", " overdue 2 days "], [" acme/today ", " 0 "]]


def test_that_the_list_is_old_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path, monkeypatch, [OWL]) as server:
        days = (datetime.now(UTC) - START).days
        assert both(server).err == (
            f"The list is {days} days old: what was announced, and what left, since then is not known.\n"
        )


def test_that_the_list_is_not_old_is_not_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path, monkeypatch, [OWL], start=datetime.now(UTC) - DAY) as server:
        assert both(server).err == ""


def test_many_models_with_long_ids_are_all_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"acme/{'ä' * 120}-{number}" for number in range(60)]
    day = in_days(3)
    days = [OWL, *(leaving(None, each) for each in ids)], [OWL, *(leaving(day, each) for each in ids)]
    with served(tmp_path, monkeypatch, *days) as server:
        assert {row["announced_at"] for row in found(server)} == {"2026-01-11T06:00:00Z"}


def test_it_says_since_when_that_is_announced_as_far_as_lists_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon, later = in_days(5), in_days(6)
    plain = [leaving(None, f"acme/{name}") for name in ("announced", "moved", "again")]
    days: list[list[Record]] = [
        [OWL, *plain, leaving(soon, "acme/first")],
        [OWL, *(leaving(soon, str(each["id"])) for each in plain), leaving(soon, "acme/first")],
        [OWL, leaving(soon, "acme/announced"), leaving(later, "acme/moved"), plain[2], leaving(soon, "acme/first")],
        [
            OWL,
            leaving(soon, "acme/announced"),
            leaving(later, "acme/moved"),
            leaving(soon, "acme/again"),
            leaving(soon, "acme/first"),
            leaving(soon, "acme/came-with-it"),
        ],
    ]
    with served(tmp_path, monkeypatch, *days) as server:
        assert {str(row["id"]): row["announced_at"] for row in found(server)} == {
            "acme/announced": "2026-01-11T06:00:00Z",
            "acme/moved": "2026-01-11T06:00:00Z",
            "acme/again": "2026-01-13T06:00:00Z",
            "acme/came-with-it": "2026-01-13T06:00:00Z",
            "acme/first": None,
        }


def test_it_names_what_may_stand_in_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path, monkeypatch, [OWL, leaving(in_days(3)), leaving(in_days(4), "other/newt")]) as server:
        owl, newt = found(server)
        assert (owl["id"], owl["successor"]) == ("acme/owl-1", "acme/owl-2")
        assert str(owl["reason"]).startswith("Newer: created 2026-10-21")
        assert (newt["successor"], newt["reason"]) == (None, None)


def test_author_and_model_choose_among_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = [OWL, leaving(in_days(3)), leaving(in_days(4), "other/newt"), leaving(in_days(5), "~other/newt-latest")]
    with served(tmp_path, monkeypatch, models) as server:
        assert [row["id"] for row in found(server, "--author", "other")] == ["other/newt", "~other/newt-latest"]
        (row,) = found(server, "--model", "acme/owl-1,acme/owl-2")
        assert (row["id"], row["successor"]) == ("acme/owl-1", "acme/owl-2")
        assert found(server, "--model", "acme/owl-1", "--author", "other") == []


def test_it_is_the_same_in_all_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = in_days(3)
    with served(tmp_path, monkeypatch, [OWL, leaving(None)], [OWL, leaving(day, name="Owl | 1")]) as server:
        (row,) = found(server)
        (exact,) = csv.DictReader(io.StringIO(both(server, "--format", "csv").out))
        assert exact == {name: str(value) for name, value in row.items()}
        for wanted in (Format.TABLE, Format.MARKDOWN):
            text = llmanac("upcoming", "--format", wanted).out
            for shown in ("last day", "days left", "acme/owl-1", day, "2026-01-11", "acme/owl-2"):
                assert shown in text


def test_with_nobody_leaving_the_answer_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path, monkeypatch, [OWL]) as server:
        assert found(server) == []


@pytest.mark.parametrize("days", ["-1", "1.5"])
def test_days_are_a_whole_number(days: str) -> None:
    ended = llmanac("upcoming", "--days", days)
    assert (ended.code, ended.out) == (2, "")
    assert "--days" in ended.err


def test_without_a_store_it_tells_of_the_bundle() -> None:
    days = (date(2027, 1, 1) - datetime.now(UTC).date()).days
    ended = llmanac("upcoming", "--days", str(max(days, 0)), "--format", "json", LLMANAC_OFFLINE="true")
    assert ended.code == 0, ended.err
    assert "z-ai/glm-4.5" in [row["id"] for row in json.loads(ended.out)]
