"""`GET /api/ai/changes`: what changed, with what it is worth; pages that lose and repeat nothing."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from tests.build import Json, Record, pricing, record, records
from tests.databases import new_postgres
from tests.remembered import NOON, Memory, at, remembering
from tests.web.wire import BEARER, ask

PATH = "/api/ai/changes"
NEWEST_FIRST = False
Lists = Sequence[tuple[float, Sequence[Record]]]
Row = dict[str, Json]

OTHERS = records(3)
OWL = record(id="acme/owl", name="Owl")
LYNX = record(id="zoo/lynx:free", name="Lynx", expiration_date="2026-10-27")
CHEAPER = {**OWL, "pricing": pricing(prompt="0.0000003")}
ALIAS = record(id="~zoo/lynx-latest", name="Latest lynx", alias_target={"slug": "zoo/lynx", "name": "Lynx"})


def story() -> Lists:
    """A price falls, a model vanishes once and comes back, one leaves on its announced day, an alias moves."""
    moved: Record = {**ALIAS, "alias_target": {"slug": "zoo/puma", "name": "Puma"}}
    return (
        (0, [OWL, LYNX, ALIAS, *OTHERS]),
        (1, [CHEAPER, LYNX, ALIAS, *OTHERS]),
        (2, [CHEAPER, LYNX, ALIAS, *OTHERS[1:]]),
        (3, [CHEAPER, LYNX, moved, *OTHERS]),
        (20, [CHEAPER, moved, *OTHERS]),
    )


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """For tests that only read; on SQLite."""
    directory = tmp_path_factory.mktemp("remembered")
    with remembering(f"sqlite:///{directory / 'llmanac.db'}", directory, *story()) as made:
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def one_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """For tests that only read, of what the kinds of database may take differently."""
    directory = tmp_path_factory.mktemp("one_model")
    of_its_own = nullcontext(f"sqlite:///{directory / 'llmanac.db'}") if request.param == "sqlite" else new_postgres()
    with of_its_own as database_url, remembering(database_url, directory, (0, [OWL])) as made:
        yield made


def told(rows: Sequence[Row]) -> list[tuple[Json, Json, Json]]:
    """What one looks for first."""
    return [(row["model"], row["kind"], row["cause"]) for row in rows]


def test_the_newest_real_changes_come_first_by_default(database_url: str, tmp_path: Path) -> None:
    with remembering(database_url, tmp_path, *story()) as memory:
        page = memory.ask(PATH, limit="2").json()
    assert page == {
        "serial": 5,
        "changes": [
            {
                "serial": 5,
                "model": "zoo/lynx:free",
                "name": "Lynx",
                "kind": "removed",
                "field": "",
                "before": None,
                "after": None,
                "percent": None,
                "cause": "real",
                "own_cause": "real",
                "seen_at": at(20),
                "since_at": at(3),
                "certainty": "confirmed",
                "confirmed_at": at(20),
                "announced": "2026-10-27",
            },
            {
                "serial": 2,
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
                "certainty": None,
                "confirmed_at": None,
                "announced": None,
            },
        ],
        "next": None,
    }


def test_every_filter_narrows_by_what_it_names(memory: Memory) -> None:
    first = [(model["id"], "added", "real") for model in (OWL, LYNX, ALIAS, *OTHERS)]
    lynx_left = ("zoo/lynx:free", "removed", "real")
    cheaper = ("acme/owl", "price", "real")
    moved = ("~zoo/lynx-latest", "alias_moved", "alias")
    vanished, back = (("acme/owl-3", kind, "flap") for kind in ("removed", "returned"))

    def asked(**parameters: str) -> set[tuple[Json, Json, Json]]:
        rows = told(memory.changes(**parameters))
        assert len(rows) == len(set(rows))
        return set(rows)

    # All of the first list has the cause `scope`, for nothing was known before it.
    added = {(model, "added", "scope") for model, _, _ in first}
    assert asked(cause="all") == {*added, lynx_left, cheaper, moved, vanished, back}
    assert asked() == {lynx_left, cheaper}
    assert asked(cause="flap, alias") == {moved, vanished, back}
    assert asked(kind="removed,returned", cause="all") == {lynx_left, vanished, back}
    assert asked(model="acme/owl") == {cheaper}
    assert asked(model="acme/owl,zoo/lynx:free") == {cheaper, lynx_left}
    assert asked(model="ACME/OWL") == set()
    assert asked(author="zoo", cause="real,alias") == {lynx_left, moved}
    assert asked(author="zo") == asked(author="z_o") == asked(author="%") == set()
    assert asked(field="pricing") == asked(field="pricing.prompt") == {cheaper}
    assert asked(field="pricing.pro") == asked(field="pricing.completion") == set()
    assert asked(field="alias_target", cause="all") == {moved}
    assert asked(min_percent="25") == asked(min_percent="24.99") == asked(min_percent="0") == {cheaper}
    assert asked(min_percent="25.01") == set()


def test_since_and_until_take_instants_dates_and_serials(memory: Memory) -> None:
    def asked(**parameters: str) -> list[Json]:
        return [row["seen_at"] for row in memory.changes(cause="all", kind="price,removed,returned", **parameters)]

    every = [at(1), at(2), at(3), at(20)]
    paris = (NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=2))).isoformat()
    assert asked(since="0") == asked(since="1") == asked(since=at(0)) == asked(since="2020-01-01") == every
    assert asked(since="2") == asked(since=at(1)) == asked(since=paris) == every[1:]
    assert asked(since="5") == asked(since="6") == asked(since="999999999999999") == []
    assert asked(since=at(20)) == asked(since="2099-01-01") == []
    assert asked(since="2026-10-27") == [at(20)]
    assert asked() == every[::-1]
    assert asked(until="2") == asked(until=at(1)) == [at(1)]
    assert asked(until="0") == asked(until="2020-01-01") == []
    assert asked(until="6") == asked(until="999999999999999") == asked(until="2099-01-01") == every[::-1]
    assert asked(since="2", until="4") == every[1:3]
    assert asked(since="4", until="4") == asked(since=at(2), until=at(2)) == []


@pytest.mark.parametrize("path", [PATH, "/api/ai/models/acme/owl/history"])
@pytest.mark.parametrize(
    ("since", "until"),
    [("4", "2"), (at(3), at(2)), (at(3), "2"), ("1", "0"), ("999999999999999", "5"), ("2026-10-27", "2026-10-26")],
)
def test_a_range_that_ends_before_it_begins_is_refused(path: str, since: str, until: str, memory: Memory) -> None:
    refused = memory.ask(path, since=since, until=until)
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        f"since, until: Expected since not to be later than until, got since={since} and until={until}",
    )


def test_pages_hold_every_change_once_in_both_directions(database_url: str, tmp_path: Path) -> None:
    with remembering(database_url, tmp_path, *story()) as memory:
        for direction in ({"since": "0"}, {}):
            whole = memory.changes(cause="all", **direction)
            assert len(whole) == 11
            for limit in (1, 2, 3, 11):
                assert walked(memory, limit, **direction) == whole


def walked(memory: Memory, limit: int, cursor: str | None = None, **parameters: str) -> list[Row]:
    """All pages, or those after one, one after another."""
    rows: list[Row] = []
    while True:
        on = {} if cursor is None else {"cursor": cursor}
        page = memory.ask(PATH, cause="all", limit=str(limit), **parameters, **on).json()
        rows += page["changes"]
        assert len(page["changes"]) <= limit
        cursor = page["next"]
        if cursor is None:
            return rows
        assert len(page["changes"]) == limit


def test_a_cursor_stays_good_while_newer_lists_come_and_older_ones_are_imported(
    database_url: str, tmp_path: Path
) -> None:
    first, *lists = story()

    def keys(rows: Sequence[Row]) -> list[tuple[Json, Json, Json]]:
        return [(row["seen_at"], row["model"], row["field"]) for row in rows]

    with remembering(database_url, tmp_path, *lists) as memory:
        newest = memory.ask(PATH, cause="all", limit="2").json()
        oldest = memory.ask(PATH, cause="all", limit="2", since="0").json()
        before = keys(walked(memory, 3, newest["next"]))
        memory.learn(30, [OWL, *OTHERS])
        memory.recall(*first)
        assert memory.ask(PATH).json()["serial"] == 6

        after = keys(walked(memory, 3, newest["next"]))
        assert after[:2] == before[:2], "the rows of hours 3 and 2 that were on no page yet"
        assert [seen_at for seen_at, _, _ in after] == [at(3), at(2), at(1), *[at(0)] * 6]
        following = keys(walked(memory, 3, oldest["next"], since="0"))
        assert not set(following) & set(keys(oldest["changes"]))
        assert {seen_at for seen_at, _, _ in following} >= {at(2), at(3), at(20), at(30)}


def test_a_follower_goes_on_from_the_last_row_it_saw(memory: Memory) -> None:
    seen: list[Row] = []
    since = "0"
    while rows := walked(memory, 2, since=since, until=at(2 if len(seen) < 8 else 24)):
        seen += rows
        since = str(rows[-1]["seen_at"])
    assert seen == memory.changes(cause="all", since="0")


def cursor(*members: Json) -> str:
    return urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")


def test_a_cursor_of_the_other_direction_is_refused(memory: Memory) -> None:
    for direction, other, words in (
        ({"since": "0"}, {}, "one of a page that is newest first, got one that is oldest first"),
        ({}, {"since": "0"}, "one of a page that is oldest first, got one that is newest first"),
    ):
        on = memory.ask(PATH, cause="all", limit="1", **direction).json()["next"]
        refused = memory.ask(PATH, cursor=on, **other)
        assert (refused.status_code, refused.json()["detail"]) == (400, f"cursor: Expected {words}")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "xxxxx",
        "W10",
        cursor(NEWEST_FIRST, at(1), "acme/owl"),
        cursor(NEWEST_FIRST, at(1), "acme/owl", "", ""),
        cursor(NEWEST_FIRST, at(1), "acme/owl", 7),
        cursor("false", at(1), "acme/owl", ""),
        cursor(0, at(1), "acme/owl", ""),
        cursor(NEWEST_FIRST, "2026-10-26T12:00:00", "acme/owl", ""),
        cursor(NEWEST_FIRST, "2026-10-26T14:00:00+02:00", "acme/owl", ""),
        cursor(NEWEST_FIRST, "0001-01-01T00:00:00+14:00", "acme/owl", ""),
        cursor(NEWEST_FIRST, "2026-02-30T14:00:00Z", "acme/owl", ""),
        cursor(NEWEST_FIRST, at(1), "acme/\0owl", ""),
        cursor(NEWEST_FIRST, at(1), "acme/owl", "\0"),
        urlsafe_b64encode(b"[" * 3000).decode(),
        urlsafe_b64encode(b'[false,"2026-10-26T12:00:00Z","\xff",""]').decode().rstrip("="),
        urlsafe_b64encode(b'[false,"2026-10-26T12:00:00Z","\\ud800",""]').decode().rstrip("="),
    ],
)
def test_what_is_no_cursor_is_refused(text: str, one_model: Memory) -> None:
    refused = one_model.ask(PATH, cursor=text)
    assert refused.status_code == 400, refused.text
    assert refused.json()["detail"].startswith("cursor: Expected a cursor")


def test_a_cursor_may_name_what_never_was(memory: Memory) -> None:
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", at(2)):
        answer = memory.ask(PATH, cursor=cursor(NEWEST_FIRST, moment, "no/such", "😀 ' \" ]"))
        assert answer.status_code == 200, answer.text


def test_values_are_those_upstream_sent_byte_for_byte(database_url: str, tmp_path: Path) -> None:
    before: Record = {**OWL, "pricing": pricing(prompt="0.00000040"), "new": [1.50, {"b": 1, "a": "–"}]}
    after: Record = {**OWL, "pricing": pricing(prompt="1e-7", request="0.0"), "new": "😀\u0007"}
    with remembering(database_url, tmp_path, (0, [before, *OTHERS]), (1, [after, *OTHERS])) as memory:
        rows = {str(row["field"]): row for row in memory.changes(cause="all", since="1")}
        body = memory.ask(PATH, cause="all", since="1").text
    assert (rows["pricing.prompt"]["before"], rows["pricing.prompt"]["after"]) == ("0.00000040", "1e-7")
    assert rows["pricing.prompt"]["percent"] == "-75.00"
    assert (rows["pricing.request"]["before"], rows["pricing.request"]["after"]) == (None, "0.0")
    assert rows["pricing.request"]["percent"] is None
    assert rows["new"]["after"] == "😀\u0007"
    assert rows["new"]["before"] == [1.5, {"a": "–", "b": 1}]
    assert '"before":"0.00000040","after":"1e-7"' in body


def test_a_removal_is_suspected_until_the_third_list_without_the_model(database_url: str, tmp_path: Path) -> None:
    without = [OWL, *OTHERS[1:]]
    with remembering(database_url, tmp_path, (0, [OWL, *OTHERS]), (1, without)) as memory:

        def sure() -> tuple[Json, Json]:
            (row,) = memory.changes(kind="removed", cause="all")
            return row["certainty"], row["confirmed_at"]

        assert sure() == ("suspected", None)
        memory.learn(2, without)
        assert sure() == ("suspected", None)
        memory.learn(3, without)
        assert sure() == ("confirmed", at(3))
        memory.learn(4, [OWL, *OTHERS])
        assert sure() == ("confirmed", at(3))
        assert told(memory.changes(cause="flap")) == [
            ("acme/owl-3", "returned", "flap"),
            ("acme/owl-3", "removed", "flap"),
        ]


def test_a_removal_that_ended_before_it_was_sure_stays_suspected(memory: Memory) -> None:
    (vanished,) = memory.changes(kind="removed", cause="flap")
    assert (vanished["own_cause"], vanished["certainty"], vanished["confirmed_at"]) == ("real", "suspected", None)
    # Three lists were had since, but the second of them has the model again.
    assert memory.changes(kind="returned", cause="flap")[0]["seen_at"] == at(3)


def test_many_removals_far_apart_are_all_told_right(database_url: str, tmp_path: Path) -> None:
    leaving = [record(id=f"acme/moth-{day}", name=f"Moth {day}") for day in range(4)]
    lists = [(float(hour), [OWL, *leaving[1 + hour // 3 :]]) for hour in range(12)]
    with remembering(database_url, tmp_path, (-1, [OWL, *leaving]), *lists) as memory:
        rows = memory.changes(kind="removed", cause="all")
    assert [(row["model"], row["seen_at"], row["confirmed_at"]) for row in rows] == [
        (f"acme/moth-{day}", at(3 * day), at(3 * day + 2)) for day in (3, 2, 1, 0)
    ]


@pytest.mark.parametrize(
    ("query", "detail", "hint"),
    [
        ("sinc=1", ("Unknown parameter 'sinc'; known: since, until, model, author, kind, field, cause, min_percent, "
         "direction, order, limit, cursor"), "Did you mean since?"),
        ("view=full", ("Unknown parameter 'view'; known: since, until, model, author, kind, field, cause, min_percent, "
         "direction, order, limit, cursor"), ""),
        ("cause=reel", ("cause: Expected some of all, real, window, representation, alias, flap, scope, with commas "
         "between, got 'reel'"), "Did you mean real?"),
        ("limit=0", "limit: Expected a whole number from 1 to 1000, got '0'", ""),
        ("limit=1001", "limit: Expected a whole number from 1 to 1000, got '1001'", ""),
        ("since=yesterday", ("since: Expected an instant such as 2026-03-08T10:00:00+02:00, a date such as 2026-03-08, "
         "or a Serial, got 'yesterday'"), ""),
        ("cause=real&cause=flap", "Expected cause once, got it again", "Send cause once."),
    ],
)  # fmt: skip
def test_a_parameter_is_refused_with_what_was_seen_and_what_is_allowed(
    query: str, detail: str, hint: str, memory: Memory
) -> None:
    refused = memory.ask(f"{PATH}?{query}")
    assert refused.status_code == 400
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (refused.json()["detail"], refused.json()["nextActions"]) == (detail, hint)


@pytest.mark.parametrize("name", ["model", "author", "field"])
def test_text_that_no_database_keeps_is_refused(name: str, one_model: Memory) -> None:
    refused = one_model.ask(PATH, **{name: "a\0b"})
    assert refused.status_code == 400, refused.text
    odd = one_model.ask(PATH, **{name: "💾 ' \" \\ % _ ;--"})
    assert (odd.status_code, odd.json()["changes"]) == (200, [])


def test_a_serial_of_another_list_in_the_same_database_is_refused(database_url: str, tmp_path: Path) -> None:
    with (
        remembering(database_url, tmp_path, (0, [OWL])),
        remembering(database_url, tmp_path / "other", (1, [OWL])) as memory,
    ):
        for name in ("since", "until"):
            refused = memory.ask(PATH, **{name: "1"})
            assert (refused.status_code, refused.json()["detail"]) == (
                400,
                f"{name}: Expected a Serial of this list, whose newest is 2, got 1",
            )
        assert memory.changes(since="0", cause="all")[0]["serial"] == 2


def test_a_body_that_is_known_is_not_sent_again(memory: Memory) -> None:
    url = memory.served.url
    whole = ask(url, PATH)
    assert whole.status == 200
    assert whole.without("date", "x-request-id", "etag", "content-length") == {
        "content-type": "application/json",
        "cache-control": "private, no-cache",
        "vary": "Authorization",
        "x-content-type-options": "nosniff",
    }
    known = [("If-None-Match", '"other"'), ("If-None-Match", whole["ETag"])]
    again = ask(url, PATH, (*BEARER, *known))
    assert (again.status, again.body, again["ETag"]) == (304, b"", whole["ETag"])
    assert ask(url, f"{PATH}?limit=1", (*BEARER, *known)).status == 200
    head = ask(url, PATH, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.without("date", "x-request-id") == whole.without("date", "x-request-id")


def test_nothing_was_had_yet(database_url: str, tmp_path: Path) -> None:
    with remembering(database_url, tmp_path) as memory:
        assert memory.ask(PATH).json() == {"serial": 0, "changes": [], "next": None}
        assert memory.ask(PATH, since="1").json()["changes"] == []


def test_prices_that_went_up_or_down_are_told_apart_however_little_they_moved(tmp_path: Path) -> None:
    def owl(**rates: str) -> Record:
        return {**OWL, "pricing": pricing(**rates)}

    lists = [
        [owl(prompt="0.0000004", completion="0.000002", image="0", request="-1"), *OTHERS],
        [owl(prompt="0.00000040000001", completion="0.00000199999999", image="0.01", request="0.1"), *OTHERS],
        [owl(prompt="0.0000003", completion="-1", image="0.02", request="0.2"), *OTHERS],
    ]
    with remembering(f"sqlite:///{tmp_path / 'llmanac.db'}", tmp_path, *enumerate(lists)) as memory:

        def moved(**asked: str) -> list[tuple[Json, Json]]:
            return [(row["field"], row["seen_at"]) for row in memory.ask(PATH, **asked).json()["changes"]]

        up, down = moved(direction="up", order="oldest"), moved(direction="down", order="oldest")
        assert up == [
            ("pricing.image", at(1)),
            ("pricing.prompt", at(1)),
            ("pricing.image", at(2)),
            ("pricing.request", at(2)),
        ]
        assert down == [("pricing.completion", at(1)), ("pricing.prompt", at(2))]
        assert moved(direction="up") == up[::-1]
        assert moved(direction="up", kind="added") == []
        first = memory.ask(PATH, direction="up", limit="3").json()
        second = memory.ask(PATH, direction="up", limit="3", cursor=first["next"]).json()
        assert [row["field"] for row in first["changes"] + second["changes"]] == [field for field, _ in up[::-1]]
        assert second["next"] is None


def test_the_newest_may_come_first_with_since_too(memory: Memory) -> None:
    oldest = memory.ask(PATH, since=at(0), cause="all").json()["changes"]
    assert memory.ask(PATH, since=at(0), cause="all", order="oldest").json()["changes"] == oldest
    assert memory.ask(PATH, since=at(0), cause="all", order="newest").json()["changes"] == oldest[::-1]
