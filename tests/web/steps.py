"""A server that has served one list after another, and what it answered at each step."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.build import Json, architecture, pricing, record
from tests.serving import Served, serving, settings_for
from tests.upstream_simulator import UpstreamSimulator, make_records

PATH = "/api/ai/models"
VIEWS = ("listed", "full")
IDENTITY = {"Accept-Encoding": "identity"}
TICK = timedelta(microseconds=1)

Rows = Sequence[Mapping[str, object]]
BENCHMARKS: Json = {"score": 1.50, "of": ["a", 2e3]}


def lists() -> list[Rows]:
    """One after another: each differs from the one before in something else, the last two are the first again."""
    first: Rows = [*make_records(14), record(id="acme/owl", benchmarks=BENCHMARKS)]
    dearer: Rows = [{**first[0], "pricing": pricing(prompt="0.0000011")}, *first[1:]]
    return [
        first,
        dearer,
        list(reversed(dearer)),
        dearer[:9],
        [record(id="acme/new", name='A “new” one \\ "quoted"', benchmarks=None), *dearer],
        [*dearer[:-1], record(id="acme/owl", benchmarks={"score": 2})],
        [*dearer, record(id="acme/eye", architecture=architecture(["text"], ["image"]), expiration_date="2026-12-01")],
        first,
        first,
    ]


@dataclass(frozen=True)
class Step:
    """One sync: the list's Serial, the instants of its first fetch and of this one, and its body by view."""

    serial: int
    taken_at: datetime
    fetched_at: datetime
    bodies: dict[str, bytes]
    etags: dict[str, str]
    last_modified: str


def now_served(served: Served) -> Step:
    """What the server says now."""
    answers = {view: served.http.get(PATH, params={"view": view}, headers=IDENTITY) for view in VIEWS}
    source = served.status().json()["sources"][0]
    return Step(
        source["serial"],
        datetime.fromisoformat(source["taken_at"]),
        datetime.fromisoformat(source["agreed_at"]),
        {view: answer.content for view, answer in answers.items()},
        {view: answer.headers["ETag"] for view, answer in answers.items()},
        answers["listed"].headers["Last-Modified"],
    )


@contextmanager
def stepped(
    tmp_path: Path, *given: Rows, database_url: str | None = None, **values: object
) -> Iterator[tuple[Served, list[Step]]]:
    """A server that has synced each of these lists, or those of `lists`, and the steps it took."""
    with UpstreamSimulator() as upstream:
        lenient = {"quarantine_min_share": 0, "quarantine_max_repriced_share": 1, "bundle": False}
        settings = settings_for(tmp_path, upstream.base_url, **{"database_url": database_url, **lenient, **values})
        upstream.change(records=(given or lists())[0])
        with serving(settings) as served:
            steps = []
            for sent in given or lists():
                upstream.change(records=sent)
                outcome = served.sync().json()["attempt"]["outcome"]
                assert outcome in ("changed", "unchanged"), outcome
                steps.append(now_served(served))
            yield served, steps
