"""`GET /api/ai/models/{author}/{slug}/history`: lifetime, exact prices, and the changes of one model."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.build import Json, Record, pricing, record, records
from tests.remembered import Memory, at, remembering
from tests.web.wire import BEARER, ask

PATH = "/api/ai/models/acme/owl/history"
OTHERS = records(3)


def owl(prompt: str = "0.0000004", **members: Json) -> Record:
    return record(**{"id": "acme/owl", "name": "Owl", "pricing": pricing(prompt=prompt), **members})


def history(memory: Memory, path: str = PATH, **parameters: str) -> dict[str, object]:
    answer = memory.ask(path, **parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def rows(found: dict[str, object], name: str) -> list[dict[str, object]]:
    """A member that is a list of objects."""
    return msgspec.convert(found[name], list[dict[str, object]])


def rate(found: dict[str, object], name: str) -> dict[str, object]:
    (one,) = (each for each in rows(found, "prices") if each["rate"] == name)
    return one


def test_a_model_that_was_away_has_gaps_in_lifetime_and_prices(database_url: str, tmp_path: Path) -> None:
    lists: list[tuple[float, Sequence[Record]]] = [
        (0, OTHERS),
        (24, [owl(), *OTHERS]),
        (48, [owl("0.0000008"), *OTHERS]),
        (72, OTHERS),
        (96, [owl("0.00000080"), *OTHERS]),
        (120, [owl("0.0000002"), *OTHERS]),
        (216, [owl("0.0000002"), *OTHERS]),
    ]
    with remembering(database_url, tmp_path, *lists) as memory:
        found = history(memory, cause="all")
        default = history(memory)
        changes = memory.changes(model="acme/owl", cause="all")
    assert {name: found[name] for name in ("serial", "model", "name", "from", "to", "next")} == {
        "serial": 6,
        "model": "acme/owl",
        "name": "Owl",
        "from": at(24),
        "to": at(216),
        "next": None,
    }
    assert found["lifetime"] == [{"from": at(24), "to": at(72)}, {"from": at(96), "to": None}]
    plain = {"due": True, "conditional": []}
    assert rate(found, "prompt") == {
        "rate": "prompt",
        "intervals": [
            {"from": at(24), "to": at(48), "price": "0.0000004", **plain},
            {"from": at(48), "to": at(72), "price": "0.0000008", **plain},
            {"from": at(96), "to": at(120), "price": "0.00000080", **plain},
            {"from": at(120), "to": None, "price": "0.0000002", **plain},
        ],
        "min": "0.0000002",
        "max": "0.0000008",
        "mean": "0.0000004",
        "days": [
            {"price": "0.0000004", "state": "known", "days": "1"},
            {"price": "0.0000008", "state": "known", "days": "2"},
            {"price": "0.0000002", "state": "known", "days": "4"},
        ],
        "away_days": "1",
        "unknown_conditions": [],
    }
    assert found["changes"] == changes, "as the changes tell of it"
    shown = rows(default, "changes")
    assert shown == [row for row in changes if row["cause"] == "real"]
    assert len(shown) == 3, "added, dearer, cheaper; the return is a flap"
    assert default["prices"] == found["prices"], "prices are made from all changes"


def test_the_range_narrows_prices_and_changes_but_not_the_lifetime(database_url: str, tmp_path: Path) -> None:
    lists = [(24.0 * day, [owl(f"0.000000{day + 1}"), *OTHERS]) for day in range(5)]
    with remembering(database_url, tmp_path, *lists) as memory:
        middle = history(memory, since=at(36), until=at(72))
        by_serial = history(memory, since="2", until="4")
        ahead = history(memory, since="2099-01-01")
        behind = history(memory, until="2020-01-01")
    assert (middle["from"], middle["to"]) == (at(36), at(72))
    prompt = rate(middle, "prompt")
    assert prompt["days"] == [
        {"price": "0.0000002", "state": "known", "days": "0.5"},
        {"price": "0.0000003", "state": "known", "days": "1"},
    ]
    assert (prompt["min"], prompt["max"], prompt["mean"]) == ("0.0000002", "0.0000003", "0.000000266666666667")
    assert [(each["from"], each["to"]) for each in rows(prompt, "intervals")] == [
        (at(24), at(48)),
        (at(48), at(72)),
        (at(72), at(96)),
    ]
    assert [row["seen_at"] for row in rows(middle, "changes")] == [at(48), at(72)], "oldest first"
    assert (by_serial["from"], by_serial["to"]) == (at(24), at(72))
    for nothing in (ahead, behind):
        assert nothing["changes"] == []
        assert nothing["lifetime"] == middle["lifetime"] == [{"from": at(0), "to": None}]
        assert rate(nothing, "prompt")["days"] == []


def test_conditions_are_told_with_the_price_they_give(database_url: str, tmp_path: Path) -> None:
    night: Record = {"utc_start": 0, "utc_end": 600, "prompt": "0.0000001"}
    day: Record = {"utc_start": 600, "utc_end": 0, "prompt": "0.0000004"}
    long: Record = {"min_prompt_tokens": 128_000, "prompt": "0.0000008"}
    strange: Record = {"moon": "full", "prompt": "0.0000009"}
    tiered = owl(pricing=pricing(overrides=[long, strange]))
    lists = (
        (0, [tiered, *OTHERS]),
        (24, [owl(pricing=pricing(overrides=[night, day])), *OTHERS]),
        (48, [owl(), *OTHERS]),
    )
    with remembering(database_url, tmp_path, *lists) as memory:
        prompt = rate(history(memory, cause="all"), "prompt")
    nights = [{"from": 1440 * weekday, "to": 1440 * weekday + 360} for weekday in range(7)]
    days = [{"from": 1440 * weekday + 360, "to": 1440 * weekday + 1440} for weekday in range(7)]
    assert prompt["intervals"] == [
        {
            "from": at(0),
            "to": at(24),
            "price": "0.0000004",
            "due": True,
            "conditional": [
                {"price": "0.0000008", "more_than_tokens": 128_000, "windows": None, "unknown": []},
                {"price": "0.0000009", "more_than_tokens": None, "windows": None, "unknown": ['moon="full"']},
            ],
        },
        {
            "from": at(24),
            "to": at(48),
            "price": "0.0000004",
            "due": False,
            "conditional": [
                {"price": "0.0000001", "more_than_tokens": None, "windows": nights, "unknown": []},
                {"price": "0.0000004", "more_than_tokens": None, "windows": days, "unknown": []},
            ],
        },
        {"from": at(48), "to": None, "price": "0.0000004", "due": True, "conditional": []},
    ]
    assert prompt["unknown_conditions"] == ['moon="full"']
    assert prompt["days"] == [
        {"price": "0.0000004", "state": "known", "days": "1.75"},
        {"price": "0.0000001", "state": "known", "days": "0.25"},
    ]


def test_rates_come_in_the_order_of_the_contract(database_url: str, tmp_path: Path) -> None:
    priced = owl(pricing=pricing(audio="0.1", zzz="1", image="0", web_search="-1"))
    with remembering(database_url, tmp_path, (0, [priced, *OTHERS]), (24, [priced, *OTHERS])) as memory:
        found = history(memory)
    rates = [each["rate"] for each in rows(found, "prices")]
    assert rates == ["prompt", "completion", "image", "web_search", "input_cache_read", "audio", "zzz"]
    assert rate(found, "web_search")["days"] == [{"price": "-1", "state": "dynamic", "days": "1"}]
    assert rate(found, "web_search")["mean"] is None
    assert (rate(found, "image")["mean"], rate(found, "image")["max"]) == ("0", "0")


def test_a_removed_model_has_its_history(database_url: str, tmp_path: Path) -> None:
    with remembering(database_url, tmp_path, (0, [owl(), *OTHERS]), (24, [owl(), *OTHERS]), (48, OTHERS)) as memory:
        assert memory.ask("/api/ai/models/acme/owl").status_code == 410
        found = history(memory)
    assert (found["name"], found["lifetime"]) == ("Owl", [{"from": at(0), "to": at(48)}])
    assert [row["kind"] for row in rows(found, "changes")] == ["removed"]
    assert rate(found, "prompt")["mean"] == "0.0000004"


def test_an_unknown_model_is_told_with_ids_that_look_like_it_listed_or_not(database_url: str, tmp_path: Path) -> None:
    with remembering(database_url, tmp_path, (0, [owl(), *OTHERS]), (24, OTHERS)) as memory:
        for asked, near in (("acme/ow", "acme/owl"), ("acme/owl-4", "acme/owl-3")):
            refused = memory.ask(f"/api/ai/models/{asked}/history")
            assert (refused.status_code, refused.json()["error"]) == (404, "MODEL_UNKNOWN")
            assert refused.json()["near"][0] == near
        never = memory.ask("/api/ai/models/zoo/%00/history")
        assert (never.status_code, never.json()["near"]) == (404, [])


def test_more_changes_than_a_page_go_on_among_the_changes(database_url: str, tmp_path: Path) -> None:
    many: Record = {f"member_{number:04}": 0 for number in range(1001)}
    lists = (0, [{**owl(), **many}, *OTHERS]), (1, [{**owl(), **dict.fromkeys(many, 1)}, *OTHERS])
    with remembering(database_url, tmp_path, *lists) as memory:
        for direction in ({}, {"since": "1"}):
            found = history(memory, **direction)
            page = rows(found, "changes")
            on = memory.changes(model="acme/owl", cursor=str(found["next"]), **direction)
            assert len(page) == 1000
            assert [*page, *on] == walked(memory, direction)


def walked(memory: Memory, direction: dict[str, str]) -> Sequence[object]:
    first = memory.ask("/api/ai/changes", model="acme/owl", limit="1000", **direction).json()
    return [*first["changes"], *memory.changes(model="acme/owl", cursor=first["next"], **direction)]


def test_the_answer_stays_the_same_until_the_next_list(database_url: str, tmp_path: Path) -> None:
    with remembering(database_url, tmp_path, (0, [owl(), *OTHERS])) as memory:
        url = memory.served.url
        first = ask(url, PATH)
        again = ask(url, PATH, (*BEARER, ("If-None-Match", first["ETag"])))
        assert (again.status, again.body) == (304, b"")
        memory.learn(1, [owl(), *OTHERS])
        assert ask(url, PATH, (*BEARER, ("If-None-Match", first["ETag"]))).status == 200
        head = ask(url, PATH, method="HEAD")
        assert (head.status, head.body, head["Cache-Control"]) == (200, b"", "private, no-cache")
        refused = memory.ask(PATH, view="full")
        assert refused.status_code == 400
        assert refused.json()["detail"] == "Unknown parameter 'view'; known: since, until, kind, cause, limit"
