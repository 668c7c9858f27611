"""`llmanac list --as-of --status`: the same from the local store and from a server."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from llmanac.cli.output import Format
from tests.build import record
from tests.cli.command import Ended, llmanac
from tests.serving import TOKEN, Served, serving, settings_for
from tests.sync.pipeline import Pipeline
from tests.upstream_simulator import UpstreamSimulator

START = datetime(2026, 1, 10, 6, tzinfo=UTC)
DAY = timedelta(days=1)
STAYS, GONE = record(id="acme/stays"), record(id="acme/gone", expiration_date="2026-02-01")
LEAVES = record(id="acme/leaves", expiration_date="2026-03-01")
ROUTE = "/api/ai/models"


@dataclass(frozen=True)
class House:
    """A store with lists of three days, a server on it, and what commands need to find the one or the other."""

    served: Served
    local: dict[str, str]
    remote: dict[str, str]

    def both(self, *arguments: str) -> Ended:
        """What the local store and the server say, which is the same."""
        ended = llmanac("list", *arguments, **self.local)
        assert llmanac("list", *arguments, **self.remote) == ended
        return ended


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{path / 'llmanac.db'}"
    with UpstreamSimulator() as upstream:
        pipeline = Pipeline(url, upstream, quarantine_min_share=0)
        for number, sent in enumerate(([STAYS, GONE], [STAYS], [LEAVES, STAYS])):
            upstream.change(records=sent)
            pipeline.at = START + number * DAY
            pipeline.sync()
        pipeline.close()
        local = {"LLMANAC_DATABASE_URL": url, "OPENROUTER_BASE_URL": upstream.base_url, "LLMANAC_OFFLINE": "true"}
        with serving(settings_for(path, upstream.base_url, database_url=url, offline=True)) as server:
            yield House(server, local, {"LLMANAC_SERVER": server.url, "LLMANAC_TOKEN": TOKEN})


def test_the_json_is_the_endpoints_own_answer(house: House) -> None:
    for asked in ({"as_of": "1"}, {"as_of": "2026-01-11T08:00:00+02:00"}, {"status": "removed"}, {"view": "full"}):
        options = [text for name, value in asked.items() for text in (f"--{name.replace('_', '-')}", value)]
        ended = house.both(*options, "--format", "json")
        assert (ended.code, ended.err) == (0, "")
        assert json.loads(ended.out) == house.served.http.get(ROUTE, params=asked).json()


def test_a_list_as_it_was_has_the_columns_of_the_current_one(house: House) -> None:
    now, then = house.both("--format", "csv"), house.both("--as-of", "2026-01-10T06:00:00Z", "--format", "csv")
    assert [row["id"] for row in csv.DictReader(io.StringIO(now.out))] == ["acme/leaves", "acme/stays"]
    assert [row["id"] for row in csv.DictReader(io.StringIO(then.out))] == ["acme/stays", "acme/gone"]
    assert then.out.splitlines()[0] == now.out.splitlines()[0]


def test_with_a_status_every_format_says_how_each_model_stands(house: House) -> None:
    ended = house.both("--status", "removed,expiring,active", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [[row[name] for name in ("id", "status", "last day", "last seen")] for row in rows] == [
        ["acme/leaves", "expiring", "2026-03-01", ""],
        ["acme/stays", "active", "", ""],
        ["acme/gone", "removed", "2026-02-01", "2026-01-10 06:00"],
    ]
    for wanted in (Format.TABLE, Format.MARKDOWN):
        text = house.both("--status", "removed", "--format", wanted).out
        assert "acme/gone" in text
        assert "2026-01-10 06:00" in text
        assert "acme/stays" not in text


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--as-of", "2019-01-01"), 1, "the first is of 2026-01-10T06:00:00Z"),
        (("--as-of", "77"), 1, "There is no list with Serial 77; the Serials of this list are 1 to 3"),
        (("--as-of", "2999-01-01"), 2, "--as-of: Expected an instant up to now"),
        (("--status", "gone"), 2, "--status: Expected some of active, expiring, removed"),
    ],
)
def test_what_cannot_be_shown_is_said_with_the_exit_code_of_its_kind(
    options: tuple[str, ...], code: int, words: str, house: House
) -> None:
    for environment in (house.local, house.remote):
        ended = llmanac("list", *options, **environment)
        assert (ended.code, ended.out) == (code, "")
        assert words in ended.err
