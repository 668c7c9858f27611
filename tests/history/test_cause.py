"""Why two records differ: what is told in other words, what only repeats a window, what an alias does, what is news."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.change import Cause, Change
from llmanac.catalogue.ids import ModelId
from llmanac.history.diff import differences
from tests.build import Json, Record, architecture, pricing, record, top_provider
from tests.strategies import quick

LONG = (
    "A model that was trained on the songs of night birds, from dusk to dawn, in nine old forests and two small cities."
)
WINDOWS: list[Record] = json.loads((Path(__file__).parents[1] / "data" / "2026-10-26-windows.json").read_text("utf-8"))[
    "data"
]
DAY: Record = {"utc_start": 600, "utc_end": 1800}
NIGHT: Record = {"utc_start": 1800, "utc_end": 600}


def changes(before: Record, after: Record, **context: frozenset[str]) -> dict[str, Change]:
    """By field."""
    one, other = (json.dumps(side).encode() for side in (before, after))
    found = differences(one, other, model=ModelId(str(before.get("id", "acme/owl-2"))), **context)
    return {change.field: change for change in found}


def causes(before: Record, after: Record, **context: frozenset[str]) -> dict[str, Cause]:
    return {field: change.cause for field, change in changes(before, after, **context).items()}


def cause_of(name: str, before: Json, after: Json) -> Cause:
    """Of a change of one member; "gone" is a member that is not there."""
    sides = [{**record(), name: value} if value != "gone" else _without(name) for value in (before, after)]
    (cause,) = causes(*sides).values()
    return cause


def _without(name: str) -> Record:
    return {member: value for member, value in record().items() if member != name}


def priced(**rates: Json) -> Record:
    return record(pricing=pricing(**rates))


def windows(day: str, night: str, *, now: str) -> Record:
    """A model that is priced by the time of day, with the price in force as its base price."""
    return priced(prompt=now, overrides=[{**DAY, "prompt": day}, {**NIGHT, "prompt": night}])


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("hugging_face_id", None, ""),
        ("hugging_face_id", "gone", None),
        ("supported_parameters", "gone", []),
        ("reasoning", "gone", {}),
        ("supported_voices", [], None),
        ("supported_parameters", ["seed", "tools", "seed"], ["tools", "seed", "seed"]),
        ("supported_voices", [{"a": 1, "b": 2}, 3], [3, {"b": 2, "a": 1}]),
        ("name", "Acme: Owl 2", " Acme:  Owl\n2 "),
        ("description", LONG + "\n\nIt sings.", LONG + " It sings."),
        ("description", LONG + "\n\nIt sings. It flies.", LONG + " It sings..."),
        ("description", LONG[:-6] + "…", LONG),
        ("context_length", 0, None),
        ("expiration_date", "2098-12-31", None),
        ("expiration_date", None, "9999-01-01"),
        ("expiration_date", "2098-12-31", "2099-12-31"),
        ("expiration_date", "gone", None),
        ("expiration_date", "soon", None),
    ],
)
def test_the_same_in_other_words_is_representation(name: str, before: Json, after: Json) -> None:
    assert cause_of(name, before, after) is Cause.REPRESENTATION
    assert cause_of(name, after, before) is Cause.REPRESENTATION


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("hugging_face_id", None, "acme/owl"),
        ("supported_parameters", ["seed"], ["seed", "seed"]),
        ("supported_parameters", ["seed"], ["tools"]),
        ("name", "Acme: Owl 2", "Acme: owl 2"),
        ("description", LONG, LONG + " It sings."),
        ("description", LONG[:90] + "...", LONG),
        ("description", LONG[:-6] + "...", LONG[:-8] + "x cities."),
        ("context_length", 0, 4096),
        ("context_length", None, 4096),
        ("created", 0, None),
        ("expiration_date", None, "2026-12-31"),
        ("expiration_date", "2098-12-31", "2026-12-31"),
        ("expiration_date", "2026-12-31", "2027-01-01"),
        ("expiration_date", "2026-12-31", None),
        ("reasoning", "gone", {"mandatory": False}),
        ("knowledge_cutoff", "2026-03", 202603),
    ],
)
def test_what_says_something_else_is_real(name: str, before: Json, after: Json) -> None:
    if name == "reasoning":
        assert set(causes(_without(name), {**record(), name: after}).values()) == {Cause.REAL}
        return
    assert cause_of(name, before, after) is Cause.REAL
    assert cause_of(name, after, before) is Cause.REAL


@quick
@given(st.integers(1, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_a_price_with_noise_beyond_twelve_digits_is_representation(digits: int, places: int, noise: int) -> None:
    exact = Decimal(digits).scaleb(-places)
    noisy = exact + Decimal(noise).scaleb(exact.adjusted() - 14)
    assert causes(priced(image=f"{exact:f}"), priced(image=f"{noisy:f}")) == {"pricing.image": Cause.REPRESENTATION}


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        ({"request": "0"}, {}, Cause.REPRESENTATION),
        ({"request": "0.00"}, {"request": None}, Cause.REPRESENTATION),
        ({"request": None}, {}, Cause.REPRESENTATION),
        ({"request": "0.0000006000000000000001"}, {"request": "0.0000006"}, Cause.REPRESENTATION),
        ({"request": "0.000001"}, {"request": 0.000001}, Cause.REPRESENTATION),
        ({"request": "0.1"}, {}, Cause.REAL),
        ({"request": "-1"}, {}, Cause.REAL),
        ({"request": "0"}, {"request": "-1"}, Cause.REAL),
        ({"request": "0"}, {"request": "0.1"}, Cause.REAL),
        ({"request": "0.10000000001"}, {"request": "0.1"}, Cause.REAL),
        ({"request": "free"}, {"request": "0"}, Cause.REAL),
    ],
)
def test_a_price_is_what_it_amounts_to(before: Record, after: Record, cause: Cause) -> None:
    assert causes(priced(**before), priced(**after)) == {"pricing.request": cause}
    assert causes(priced(**after), priced(**before)) == {"pricing.request": cause}


def test_a_member_that_came_for_all_models_is_representation_with_all_that_lies_in_it() -> None:
    tiers = priced(overrides=[{"min_prompt_tokens": 5, "prompt": "1"}], audio="1")
    grown = frozenset({"pricing.overrides", "pricing.audio"})
    assert set(causes(record(), tiers, grown=grown).values()) == {Cause.REPRESENTATION}
    assert set(causes(record(), tiers, grown=frozenset({"pricing.overrides"})).values()) == {
        Cause.REPRESENTATION,
        Cause.REAL,
    }


def test_a_day_announced_is_real_even_where_the_member_came_for_all_models() -> None:
    grown = frozenset({"expiration_date"})
    assert causes(_without("expiration_date"), record(expiration_date="2026-12-31"), grown=grown) == {
        "expiration_date": Cause.REAL
    }


def test_modalities_that_only_spell_out_what_was_said_are_representation() -> None:
    old: Record = {"modality": "text+image->text", "tokenizer": "Other", "instruct_type": None}
    spelt = architecture(("image", "text"))
    assert causes(record(architecture=old), record(architecture=spelt)) == {
        "architecture.modality": Cause.REPRESENTATION,
        "architecture.input_modalities": Cause.REPRESENTATION,
        "architecture.output_modalities": Cause.REPRESENTATION,
    }
    arrow = {**old, "modality": "text->text"}
    assert causes(record(architecture={**old, "modality": "text"}), record(architecture=arrow)) == {
        "architecture.modality": Cause.REPRESENTATION
    }


def test_a_modality_text_that_follows_the_lists_is_representation() -> None:
    late = {**architecture(("text", "image", "file")), "modality": "text+image->text"}
    assert causes(record(architecture=late), record(architecture=architecture(("text", "image", "file")))) == {
        "architecture.modality": Cause.REPRESENTATION
    }


def test_a_modality_that_is_new_is_real_in_text_and_list() -> None:
    seeing = architecture(("text", "image"))
    assert causes(record(), record(architecture=seeing)) == {
        "architecture.modality": Cause.REAL,
        "architecture.input_modalities": Cause.REAL,
    }


def test_a_limit_that_is_the_askers_credit_in_tokens_is_scope() -> None:
    def limits(tokens: str) -> Record:
        return record(per_request_limits={"prompt_tokens": tokens, "completion_tokens": tokens})

    assert set(causes(limits("52909555"), limits("52700069")).values()) == {Cause.SCOPE}
    assert causes(record(per_request_limits={"prompt_tokens": 5}), record(per_request_limits={"prompt_tokens": 6})) == {
        "per_request_limits.prompt_tokens": Cause.REAL
    }


def test_a_base_price_that_repeats_the_window_in_force_is_window() -> None:
    assert causes(windows("0.2", "0.1", now="0.2"), windows("0.2", "0.1", now="0.1")) == {
        "pricing.prompt": Cause.WINDOW
    }


@pytest.mark.parametrize("listed", WINDOWS, ids=lambda listed: str(listed["id"]))
def test_a_model_of_october_2026_fetched_in_another_window_is_window(listed: Record) -> None:
    rates = listed["pricing"]
    assert isinstance(rates, dict)
    entries = rates["overrides"]
    assert isinstance(entries, list)
    for entry in entries:
        assert isinstance(entry, dict)
        now = {name: price for name, price in entry.items() if name in rates}
        later: Record = {**listed, "pricing": {**rates, **now}}
        moved = any(rates[name] != price for name, price in now.items())
        assert set(causes(listed, later).values()) == ({Cause.WINDOW} if moved else set())


@pytest.mark.parametrize("listed", WINDOWS, ids=lambda listed: str(listed["id"]))
def test_windows_that_appear_in_their_usual_order_say_nothing_of_order(listed: Record) -> None:
    assert "pricing.overrides.order" not in causes({**listed, "pricing": {}}, listed)


def test_a_price_that_changes_in_its_window_is_real_there_and_window_in_the_base() -> None:
    assert causes(windows("0.2", "0.1", now="0.2"), windows("0.2", "0.3", now="0.3")) == {
        "pricing.prompt": Cause.WINDOW,
        "pricing.overrides[utc_start=1800&utc_end=600].prompt": Cause.REAL,
    }


def test_a_base_price_that_no_window_holds_is_real() -> None:
    assert causes(windows("0.2", "0.1", now="0.2"), windows("0.2", "0.1", now="0.5")) == {"pricing.prompt": Cause.REAL}


def test_a_base_price_beside_windows_that_leave_an_hour_free_is_real() -> None:
    def gap(now: str) -> Record:
        return priced(prompt=now, overrides=[{**DAY, "prompt": "0.2"}, {**NIGHT, "utc_end": 500, "prompt": "0.1"}])

    assert causes(gap("0.2"), gap("0.1")) == {"pricing.prompt": Cause.REAL}


def test_a_schedule_cut_in_other_pieces_is_representation() -> None:
    pieces: list[Json] = [
        {**DAY, "prompt": "0.2"},
        {"utc_start": 1800, "utc_end": 0, "prompt": "0.10"},
        {"utc_start": 0, "utc_end": 600, "prompt": "0.1"},
    ]
    found = causes(windows("0.2", "0.1", now="0.2"), priced(prompt="0.1", overrides=pieces))
    assert found.pop("pricing.prompt") is Cause.WINDOW
    assert len(found) == 4
    assert set(found.values()) == {Cause.REPRESENTATION}


def test_a_tier_that_costs_what_the_base_costs_says_nothing() -> None:
    flat = priced(prompt="0.1", overrides=[{"min_prompt_tokens": 5, "prompt": "0.10"}])
    assert set(causes(priced(prompt="0.1"), flat).values()) == {Cause.REPRESENTATION}


def test_the_order_of_entries_is_real_only_where_it_decides_a_price() -> None:
    tiers: list[Json] = [{"min_prompt_tokens": 5, "prompt": "1"}, {"min_prompt_tokens": 9, "prompt": "2"}]
    hours: list[Json] = [{**DAY, "prompt": "1"}, {**NIGHT, "prompt": "2"}]
    order = "pricing.overrides.order"
    assert causes(priced(overrides=tiers), priced(overrides=tiers[::-1])) == {order: Cause.REAL}
    assert causes(priced(overrides=hours), priced(overrides=hours[::-1])) == {order: Cause.REPRESENTATION}


def test_a_price_under_a_condition_nobody_knows_is_real_when_it_moves() -> None:
    def regional(price: str) -> Record:
        return priced(overrides=[{"region": "eu", "prompt": price}])

    assert causes(regional("1"), regional("2")) == {'pricing.overrides[region="eu"].prompt': Cause.REAL}


def test_an_entry_without_prices_is_representation() -> None:
    empty = priced(overrides=[{"min_prompt_tokens": 5}])
    assert causes(record(), empty) == {"pricing.overrides[min_prompt_tokens=5]": Cause.REPRESENTATION}


def test_whatever_an_alias_tells_is_its_targets_news() -> None:
    alias = "~acme/owl-latest"
    before = record(id=alias, alias_target={"slug": "acme/owl-2", "name": "Owl 2"})
    after = record(
        id=alias, alias_target={"slug": "acme/owl-3", "name": "Owl 3"}, context_length=5, name="Acme: Owl  2"
    )
    assert causes(before, after) == {
        "alias_target": Cause.ALIAS,
        "context_length": Cause.ALIAS,
        "name": Cause.REPRESENTATION,
    }


def test_limits_of_the_top_provider_are_limits_too() -> None:
    assert causes(
        record(top_provider=top_provider(max_completion_tokens=None)),
        record(top_provider=top_provider(max_completion_tokens=0)),
    ) == {"top_provider.max_completion_tokens": Cause.REPRESENTATION}
