"""`POST /api/ai/cost`, through a real server over a store with lists of three days."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import httpx2
import msgspec
import pytest

from tests.build import Json, Record, architecture, pricing, record, records
from tests.remembered import Memory, at, remembering
from tests.serving import TOKEN

COST = "/api/ai/cost"
NIGHT: Json = [
    {"utc_start": 2200, "utc_end": 600, "prompt": "0.0000001"},
    {"min_prompt_tokens": 1000, "completion": "0.000009"},
]


def owl(**rates: Json) -> Record:
    return record(id="acme/owl", name="Acme: Owl", pricing=pricing(**rates))


LISTED = [
    owl(prompt="0.000002", completion="0.00001", input_cache_read="0.0000002"),
    record(id="acme/lark", pricing={"prompt": "0.000001", "completion": "0.00002"}),
    record(id="acme/night-jar", pricing=pricing(prompt="0.000004", completion="0.000005", overrides=NIGHT)),
    record(id="acme/router", pricing={"prompt": "-1", "completion": "-1"}),
    record(
        id="acme/painter",
        architecture=architecture(("text",), ("image",)),
        pricing={"prompt": "0", "completion": "0", "image_output": "0.00003"},
    ),
]
GONE = record(id="acme/gone", name="Acme: Gone", pricing=pricing())
FIRST = [owl(prompt="0.000003", completion="0.00001", input_cache_read="0.0000002"), *LISTED[1:], GONE, *records(5)]
GROWTH: dict[str, Json] = {"start": "2026-10-30", "days": 5, "percent": "50"}
TEXT: dict[str, Json] = {"prompt_tokens": 1000, "completion_tokens": 100}


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    directory: Path = tmp_path_factory.mktemp("cost")
    lists = ((0, FIRST), (24, [*LISTED, *records(5)]))
    with remembering(f"sqlite:///{directory / 'llmanac.db'}", directory, *lists) as made:
        yield made


def post(memory: Memory, **body: Json) -> httpx2.Response:
    return memory.served.http.post(COST, json=body)


def quotes(memory: Memory, **body: Json) -> dict[str, dict[str, Json]]:
    answer = post(memory, **body)
    assert answer.status_code == 200, answer.text
    return {quote["id"]: quote for quote in answer.json()["quotes"]}


def test_a_quote_is_itemised_and_exact(memory: Memory) -> None:
    answer = post(memory, models=["acme/owl"], workload={"requests": 3, "cache_read_tokens": 400, **TEXT})
    assert (answer.status_code, answer.headers["X-Catalogue-Serial"]) == (200, "2")
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    assert (document["serial"], document["rejected"], document["break_even"]) == (2, [], None)
    assert document["as_of"].endswith("Z")
    # 3 × 600 × 0.000002 = 0.0036; 3 × 400 × 0.0000002 = 0.00024; 3 × 100 × 0.00001 = 0.003
    line = {"unit": "token", "condition": None, "why": ""}
    assert document["quotes"] == [
        {
            "id": "acme/owl",
            "total": "0.00684",
            "known_total": "0.00684",
            "complete": True,
            "missing": [],
            "assumed": [],
            "lines": [
                {"rate": "prompt", "price": "0.000002", "quantity": "1800", "amount": "0.0036", **line},
                {"rate": "input_cache_read", "price": "0.0000002", "quantity": "1200", "amount": "0.00024", **line},
                {"rate": "completion", "price": "0.00001", "quantity": "300", "amount": "0.003", **line},
            ],
            "difference": None,
            "affordable": None,
            "months": None,
            "series": None,
        }
    ]
    assert document["current"] is None


def test_quotes_come_cheapest_first_and_incomplete_ones_last(memory: Memory) -> None:
    asked: list[Json] = ["acme/router", "acme/lark", "acme/owl", "acme/owl"]
    answer = post(memory, models=asked, workload=dict(TEXT)).json()
    assert [quote["id"] for quote in answer["quotes"]] == ["acme/lark", "acme/owl", "acme/router"]
    router = answer["quotes"][-1]
    assert (router["total"], router["known_total"], router["complete"]) == (None, "0", False)
    assert {(missing["rate"], missing["reason"]) for missing in router["missing"]} == {
        ("prompt", "dynamic"),
        ("completion", "dynamic"),
    }


def test_a_filter_leaves_out_what_cannot_do_the_workload_and_a_named_model_is_priced_all_the_same(
    memory: Memory,
) -> None:
    drawn: dict[str, Json] = {"prompt_tokens": 10, "image_tokens_out": 1000}
    assert set(quotes(memory, filter={"model_authors": "acme"}, workload=drawn)) == {"acme/painter"}
    assert "acme/painter" not in quotes(memory, filter={}, workload=TEXT)
    assert quotes(memory, filter={}, workload={"prompt_tokens": 10**9}) == {}
    assert list(quotes(memory, models=["acme/painter"], workload=TEXT)) == ["acme/painter"]


def test_a_filter_chooses_as_the_list_does(memory: Memory) -> None:
    chosen = quotes(memory, filter={"model_authors": ["acme"], "max_price": 1, "price_state": "paid"}, workload=TEXT)
    asked = {"model_authors": "acme", "max_price": "1", "price_state": "paid"}
    listed = memory.ask("/api/ai/models", **asked).json()["text"][0]["models"]
    assert set(chosen) == {model["id"] for model in listed}
    assert "acme/lark" in chosen
    assert "acme/owl" not in chosen
    everything = quotes(memory, filter={}, workload=TEXT)
    assert list(quotes(memory, filter={}, workload=TEXT, limit=2)) == list(everything)[:2]


def test_prices_are_those_of_the_day_that_is_asked_for(memory: Memory) -> None:
    for as_of, total in ((at(0), "0.004"), (at(23.9), "0.004"), (at(24), "0.003"), (1, "0.004"), ("2", "0.003")):
        answer = post(memory, models=["acme/owl"], workload=TEXT, as_of=as_of).json()
        assert answer["quotes"][0]["total"] == total, as_of
    asked = post(memory, models=["acme/owl"], workload=TEXT, as_of=at(3)).json()
    assert (asked["serial"], asked["as_of"]) == (1, at(3))


def test_the_hour_of_a_workload_is_its_own_or_that_of_as_of(memory: Memory) -> None:
    model: list[Json] = ["acme/night-jar"]
    for hour, total in (
        ("T21:59:59Z", "0.0045"),
        ("T22:00:00Z", "0.0006"),
        ("T05:59:59Z", "0.0006"),
        ("T06:00:00Z", "0.0045"),
    ):
        stated = quotes(memory, models=model, workload={**TEXT, "at": f"2026-10-27{hour}"})["acme/night-jar"]
        assert (stated["total"], stated["assumed"]) == (total, [])
    assumed = quotes(memory, models=model, workload=TEXT, as_of=at(11))["acme/night-jar"]
    assert assumed["total"] == "0.0006"
    assert assumed["assumed"] == [f"`at` is not stated: the prices are those of {at(11)}"]
    tier = quotes(memory, models=model, workload={**TEXT, "prompt_tokens": 1001, "at": at(0)})["acme/night-jar"]
    lines = tier["lines"]
    assert isinstance(lines, list)
    (line,) = (line for line in lines if isinstance(line, dict) and line["condition"])
    assert (line["rate"], line["condition"], line["amount"]) == ("completion", {"min_prompt_tokens": 1000}, "0.0009")
    assert "more than 1000 tokens" in str(line["why"])


def test_several_workloads_are_priced_together(memory: Memory) -> None:
    parts: list[Json] = [TEXT, {"requests": 7, "prompt_tokens": 11}]
    totals = [quotes(memory, models=["acme/owl"], workload=each)["acme/owl"]["total"] for each in parts]
    both = quotes(memory, models=["acme/owl"], workload=parts)["acme/owl"]["total"]
    assert Fraction(str(both)) == sum(Fraction(str(total)) for total in totals)


def test_what_cannot_be_priced_is_rejected_with_its_reason(memory: Memory) -> None:
    answer = post(memory, models=["acme/owll", "acme/gone", "acme/owl", "x/\u0000"], workload=TEXT).json()
    assert [quote["id"] for quote in answer["quotes"]] == ["acme/owl"]
    unknown, gone, odd = answer["rejected"]
    assert (unknown["id"], unknown["near"][0]) == ("acme/owll", "acme/owl")
    assert "Did you mean acme/owl" in unknown["reason"]
    assert gone["id"] == "acme/gone"
    assert f"no longer listed; it was last seen on {at(0)[:10]}" in gone["reason"]
    assert f"as_of={at(0)}" in gone["reason"]
    assert odd["id"] == "x/\u0000"
    assert "acme/gone" in quotes(memory, models=["acme/gone"], workload=TEXT, as_of=at(0))


def test_removed_models_have_their_last_prices_if_the_filter_asks_for_them(memory: Memory) -> None:
    gone = quotes(memory, filter={"status": "removed"}, workload=TEXT)
    assert list(gone) == ["acme/gone"]
    assert gone["acme/gone"]["assumed"] == ["no longer listed: these are its last prices"]


def test_the_difference_to_the_current_choice(memory: Memory) -> None:
    found = quotes(
        memory, models=["acme/owl", "acme/lark", "acme/router"], current="acme/lark", workload={"prompt_tokens": 10}
    )
    assert found["acme/owl"]["difference"] == {"amount": "0.00001", "percent": "100"}
    assert found["acme/lark"]["difference"] == {"amount": "0", "percent": "0"}
    assert found["acme/router"]["difference"] is None
    unknown = post(memory, models=["acme/owl"], current="acme/nobody", workload=TEXT).json()
    assert unknown["quotes"][0]["difference"] is None
    assert [each["id"] for each in unknown["rejected"]] == ["acme/nobody"]


def test_a_budget_buys_whole_requests(memory: Memory) -> None:
    body: dict[str, Json] = {
        "models": ["acme/owl", "acme/router"],
        "workload": {"requests": 500, **TEXT},
        "budget": "0.0100",
    }
    found = quotes(memory, **body)
    assert found["acme/owl"]["affordable"] == {"requests": 3, "left": "0.001"}
    assert found["acme/router"]["affordable"] is None
    assert quotes(memory, **{**body, "budget": 3})["acme/owl"]["affordable"] == {"requests": 1000, "left": "0"}


def test_growth_gives_months(memory: Memory) -> None:
    found = quotes(memory, models=["acme/owl", "acme/router"], workload={"requests": 10, **TEXT}, growth=GROWTH)
    # 0.03 a day; two days of October, then three half as dear again.
    assert found["acme/owl"]["months"] == [
        {"month": "2026-10", "days": 2, "requests": "20", "total": "0.06"},
        {"month": "2026-11", "days": 3, "requests": "45", "total": "0.135"},
    ]
    assert found["acme/owl"]["series"] == {"days": 5, "requests": "65", "total": "0.195"}
    assert (found["acme/router"]["months"], found["acme/router"]["series"]) == (None, None)


def test_a_months_workload_is_shared_by_its_days(memory: Memory) -> None:
    growth: Json = {"start": "2026-11-16", "days": 46, "percent": "10", "workload_of": "month"}
    found = quotes(memory, models=["acme/owl"], workload={"requests": 10, **TEXT}, growth=growth)
    assert found["acme/owl"]["months"] == [
        {"month": "2026-11", "days": 15, "requests": "5", "total": "0.015"},
        {"month": "2026-12", "days": 31, "requests": "11", "total": "0.033"},
    ]


def test_the_current_choice_is_quoted_too(memory: Memory) -> None:
    answer = post(memory, models=["acme/lark"], workload={"prompt_tokens": 1000}, current="acme/owl").json()
    assert (answer["current"]["id"], answer["current"]["total"]) == ("acme/owl", "0.002")


def test_two_models_swap_where_they_cost_the_same(memory: Memory) -> None:
    # 1000 × 0.000002 + n × 0.00001 = 1000 × 0.000001 + n × 0.00002, so n is 100.
    compared: Json = {"models": ["acme/owl", "acme/lark"], "axis": "completion_tokens"}
    found = post(memory, filter={"ids": "acme/owl"}, workload={"prompt_tokens": 1000}, break_even=compared).json()
    assert found["break_even"] == {
        "models": ["acme/owl", "acme/lark"],
        "axis": "completion_tokens",
        "stretches": [
            {"first": 0, "last": 99, "cheaper": "acme/lark"},
            {"first": 100, "last": 100, "cheaper": None},
            {"first": 101, "last": None, "cheaper": "acme/owl"},
        ],
        "swaps": [{"at": "100", "output_share": "0.0909090909091", "output_per_input": "0.1"}],
        "unpriced": None,
    }
    unpriced: Json = {"models": ["acme/owl", "acme/router"]}
    assert (
        "acme/router"
        in post(memory, models=["acme/owl"], workload=TEXT, break_even=unpriced).json()["break_even"]["unpriced"]
    )
    unknown = post(
        memory, models=["acme/owl"], workload=TEXT, break_even={"models": ["acme/owl", "acme/nobody"]}
    ).json()
    assert (unknown["break_even"], unknown["rejected"][0]["id"]) == (None, "acme/nobody")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 422, "Expected `workload` in the body, got none"),
        ({"workload": {}}, 422, "either `models` or `filter`, got none"),
        ({"workload": {}, "models": ["a/b"], "filter": {}}, 422, "got both"),
        ({"workload": {}, "models": []}, 422, "`models`: Expected"),
        ({"workload": [], "models": ["a/b"]}, 422, "`workload`: Expected"),
        ({"workload": {"prompt_tokens": 1.5}, "models": ["a/b"]}, 422, "from 0 to 1000000000000, got 1.5"),
        ({"workload": {"promt_tokens": 1}, "models": ["a/b"]}, 422, "`workload` has no member `promt_tokens`"),
        ({"workload": {"prompt_tokens": -1}, "models": ["a/b"]}, 422, "`prompt_tokens` must be a whole number"),
        ({"workload": {"prompt_tokens": 5, "cache_read_tokens": 6}, "models": ["a/b"]}, 422, "_read_tokens` 6 is"),
        ({"workload": {"at": "2026-10-26T00:00:00"}, "models": ["a/b"]}, 422, '`workload.at`: Expected an'),
        ({"workload": [{}, {"at": "noon"}], "models": ["a/b"]}, 422, 'a week of hours, got "noon"'),
        ({"workload": {"at": "2026-10-26"}, "models": ["a/b"]}, 422, '"2026-12-01T14:30:00Z", or a week'),
        ({"workload": {}, "filter": {"colour": "red"}}, 400, "filter: Unknown parameter 'colour'"),
        ({"workload": {}, "filter": {"max_price": "cheap"}}, 400, "filter: max_price: Expected"),
        ({"workload": {}, "filter": {"max_price": {"a": 1}}}, 422, "`filter.max_price` must be a text"),
        ({"workload": {}, "filter": {"ids": ["a,b"]}}, 422, "`filter.ids` must hold words without commas"),
        ({"workload": {}, "models": ["a/b"], "as_of": "yesterday"}, 422, "`as_of`: Expected an instant"),
        ({"workload": {}, "models": ["a/b"], "as_of": "2999-01-01"}, 400, "as_of: Expected an instant up to now"),
        ({"workload": {}, "models": ["a/b"], "as_of": 99}, 404, "no list with Serial 99"),
        ({"workload": {}, "models": ["a/b"], "budget": "-1"}, 422, "`budget`: Expected an amount"),
        ({"workload": {}, "models": ["a/b"], "budget": 0.5}, 422, 'such as "1.5", got 0.5'),
        ({"workload": {}, "models": ["a/b"], "growth": {**GROWTH, "days": 0}}, 422, "`days` must be from 1"),
        ({"workload": {}, "models": ["a/b"], "growth": {**GROWTH, "percent": "2000"}}, 422, "decimal places, got 2000"),
        ({"workload": {}, "models": ["a/b"], "growth": {**GROWTH, "percent": "x"}}, 422, "`growth.percent`: Expected"),
        ({"workload": {}, "models": ["a/b"], "growth": {**GROWTH, "start": "tomorrow"}}, 422, 'as "2026-12-01", got'),
        ({"workload": {}, "models": ["a/b"], "break_even": {"models": ["a/b", "a/c"], "axis": "foo"}}, 422, '"foo"'),
        ({"workload": [{}, {}], "models": ["a/b"], "break_even": {"models": ["a/b", "a/c"]}}, 422, "one workload"),
        ({"workload": {}, "models": ["a/b"], "break_even": {"models": ["a/b", "a/b"]}}, 422, "two different ids"),
        ({"workload": [{}] * 100, "models": [f"acme/owl-{n}" for n in range(1000)], "limit": 0}, 422, "`limit`: Exp"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(memory: Memory, body: dict[str, Json], status: int, words: str) -> None:
    answer = post(memory, **body)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert words in answer.json()["detail"], answer.json()["detail"]


def test_what_is_misspelt_is_answered_with_what_is_allowed_and_what_may_be_meant(memory: Memory) -> None:
    hint = post(memory, workload={"promt_tokens": 1}, models=["a/b"]).json()["nextActions"]
    assert hint.startswith("Did you mean prompt_tokens? Allowed: requests, prompt_tokens,")
    hint = post(memory, workload={"at": "2026-10-26"}, models=["a/b"]).json()["nextActions"]
    assert hint.startswith("A date alone does not say which hour's prices are due")


@pytest.mark.parametrize("number", ["1e0", "1E+0", "0.10e1", "10e-1"])
def test_a_number_of_a_filter_may_have_an_exponent(memory: Memory, number: str) -> None:
    answer = post_filter(memory, f'{{"model_authors":"acme","max_price":{number}}}')
    assert answer.status_code == 200, answer.text
    chosen = {quote["id"] for quote in answer.json()["quotes"]}
    assert chosen == {*quotes(memory, filter={"model_authors": "acme", "max_price": "1"}, workload=TEXT)}
    assert "acme/lark" in chosen
    assert "acme/owl" not in chosen


def test_a_number_beyond_all_bounds_is_refused_with_words(memory: Memory) -> None:
    answer = post_filter(memory, '{"max_price":1e999999999}')
    assert answer.status_code == 422
    assert "`filter.max_price`: Expected a price between 1e-30 and 1e30" in answer.json()["detail"]


def post_filter(memory: Memory, text: str) -> httpx2.Response:
    body = f'{{"filter":{text},"workload":{msgspec.json.encode(TEXT).decode()}}}'
    return memory.served.http.post(COST, content=body, headers={"Content-Type": "application/json"})


def test_an_answer_says_which_list_the_prices_are_from_and_how_old_it_is(memory: Memory) -> None:
    told = ("Last-Modified", "X-Catalogue-Serial", "X-Catalogue-Source")
    for as_of, taken in ((None, at(24)), (at(3), at(0)), (1, at(0))):
        moment: dict[str, Json] = {} if as_of is None else {"as_of": as_of}
        answer = post(memory, models=["acme/owl"], workload=TEXT, **moment)
        listed = memory.ask("/api/ai/models/acme/owl", **{name: str(value) for name, value in moment.items()})
        assert [answer.headers[name] for name in told] == [listed.headers[name] for name in told]
        assert abs(int(answer.headers["X-Catalogue-Age"]) - int(listed.headers["X-Catalogue-Age"])) <= 5
        document = answer.json()
        assert list(document)[:4] == ["serial", "as_of", "taken_at", "agreed_at"]
        assert document["taken_at"] == taken
        assert document["agreed_at"] >= taken


def test_it_wants_a_token_that_may_read(memory: Memory) -> None:
    body = {"models": ["acme/owl"], "workload": TEXT}
    anonymous = {"Authorization": ""}
    assert memory.served.http.post(COST, json=body, headers=anonymous).status_code == 401
    made = memory.served.http.post("/api/ai/tokens", json={"name": "reader", "scopes": ["models:read"]}).json()
    reader = {"Authorization": f"Bearer {made['token']}"}
    assert memory.served.http.post(COST, json=body, headers=reader).status_code == 200
    assert memory.served.http.post(f"{COST}?token={TOKEN}", json=body).status_code == 400
    assert memory.served.http.get(COST).status_code == 405
    assert memory.served.http.post(COST, content=b"{", headers={"Content-Type": "application/json"}).status_code == 422
    assert memory.served.http.post(COST, content=b"x" * (2 << 20)).status_code == 413


def test_a_week_counts_for_several_workloads_in_how_much_is_priced_at_once(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmanac.answers.cost_request.MAX_QUOTED", 20)
    week: Json = {**TEXT, "at": {"every_day": [1] * 24}}
    one, both = ["acme/owl"], ["acme/owl", "acme/lark"]
    for models, workload, status in ((both, [TEXT] * 10, 200), (both, [TEXT] * 11, 422), (one, [week, week], 200)):
        assert post(memory, models=models, workload=workload).status_code == status
    refused = post(memory, models=both, workload=[week, week])
    assert (refused.status_code, refused.json()["error"]) == (422, "TOO_MANY_WORKLOADS")
    assert refused.json()["message"].endswith("got 2 times 16")
