"""`?view=full`: the contract's members, whatever else upstream sent under its own names, and our conclusions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import Record, answer, architecture, pricing, record, top_provider
from tests.contract.oracle import PRICES, Json, Number, expected_listing, parse
from tests.serving import Served, serving, settings_for, wait_for
from tests.shared_data import RealList, facts
from tests.upstream_simulator import UpstreamSimulator, make_records

SMALL = sorted((Path(__file__).resolve().parents[1] / "data").glob("*.json"))
INNER = {
    "architecture": ("input_modalities", "output_modalities", "tokenizer", "instruct_type"),
    "topProvider": ("is_moderated", "context_length", "max_completion_tokens"),
    "pricing": PRICES,
}
NESTED = {"architecture": "architecture", "topProvider": "top_provider", "pricing": "pricing"}
MEMBERS = (
    "id", "name", "created", "description", "architecture", "topProvider", "pricing", "context_length",
    "max_completion_tokens", "per_request_limits", "supported_parameters",
)  # fmt: skip


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator(make_records(10)) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def served(upstream: UpstreamSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    lenient = {"quarantine_min_share": 0, "quarantine_max_repriced_share": 1}
    with serving(settings_for(tmp_path_factory.mktemp("data"), upstream.base_url, **lenient)) as server:
        wait_for(lambda: server.models().headers["X-Catalogue-Source"] == "live")
        yield server


def fields(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict)
    return value


def elements(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [fields(element) for element in value]


def full(served: Served, upstream: UpstreamSimulator, raw: bytes) -> dict[str, Json]:
    upstream.change(records=raw)
    assert served.sync().json()["attempt"]["outcome"] in ("changed", "unchanged")
    whole = served.http.get("/api/ai/models", params={"view": "full"})
    assert whole.status_code == 200
    return fields(parse(whole.content))


def one(served: Served, upstream: UpstreamSimulator, sent: Record) -> dict[str, Json]:
    """The one model of a list, in its full view."""
    shown = full(served, upstream, answer([sent]))
    (model,) = elements(elements(shown["text"])[0]["models"])
    return model


def assert_whole(shown: dict[str, Json], raw: bytes) -> None:
    """Nothing of the contract differs, and nothing that upstream sent is missing."""
    expected = expected_listing(raw, configured=False)
    document = parse(raw)
    sent = {row["id"]: row for row in elements(document["data"] if isinstance(document, dict) else document)}
    for kind in ("text", "image"):
        wanted, seen = (elements(elements(whole[kind])[0]["models"]) for whole in (expected, shown))
        assert [model["id"] for model in seen] == [model["id"] for model in wanted]
        for contract, model in zip(wanted, seen, strict=True):
            _assert_model(with_nulls(contract), model, sent[contract["id"]])


def with_nulls(model: dict[str, Json]) -> dict[str, Json]:
    """A model of the contract's default view with every member, null where none is stated."""
    nothing: dict[str, dict[str, Json]] = {name: dict.fromkeys(inner) for name, inner in INNER.items()}
    return {name: nothing[name] | fields(model[name]) if name in INNER else model.get(name) for name in MEMBERS}


def _assert_model(contract: dict[str, Json], model: dict[str, Json], sent: dict[str, Json]) -> None:
    assert tuple(model)[: len(MEMBERS)] == MEMBERS
    for name, value in contract.items():
        if name not in NESTED:
            assert model[name] == value
            continue
        stated = sent.get(NESTED[name]) or {}
        beyond = {key: rest for key, rest in fields(stated).items() if key not in fields(value)}
        assert fields(model[name]) == {**fields(value), **beyond}
        assert tuple(fields(model[name]))[: len(fields(value))] == tuple(fields(value)), "the contract's come first"
    rest = {name: value for name, value in sent.items() if name not in contract and name != "top_provider"}
    assert {name: model[name] for name in rest} == rest, "under its own name, untouched"
    assert set(model) == {*contract, *rest, "llmanac"}


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.stem)
def test_a_small_case_is_shown_whole(path: Path, served: Served, upstream: UpstreamSimulator) -> None:
    assert_whole(full(served, upstream, path.read_bytes()), path.read_bytes())


@pytest.mark.real_lists
@pytest.mark.parametrize("real", [facts()], ids=str)
def test_a_real_list_is_shown_whole(real: RealList, served: Served, upstream: UpstreamSimulator) -> None:
    assert_whole(full(served, upstream, real.raw()), real.raw())


def test_unknown_members_of_every_level_are_shown_as_they_were_sent(
    served: Served, upstream: UpstreamSimulator
) -> None:
    model = one(
        served,
        upstream,
        record(
            architecture={**architecture(), "experts": {"active": 8}},
            pricing=pricing(audio="0.0001", overrides=[{"min_prompt_tokens": 128000, "prompt": "0.000001"}]),
            top_provider=top_provider(region="eu"),
            benchmarks={"owls": [1, 2.50, None]},
        ),
    )
    assert fields(model["architecture"])["experts"] == {"active": Number("8")}
    assert fields(model["topProvider"])["region"] == "eu"
    assert fields(model["pricing"])["overrides"] == [{"min_prompt_tokens": Number("128000"), "prompt": "0.000001"}]
    assert tuple(fields(model["pricing"]))[: len(PRICES)] == PRICES
    assert model["benchmarks"] == {"owls": [Number("1"), Number("2.5"), None]}


@pytest.mark.parametrize(
    ("sent", "conclusions"),
    [
        (
            record(id="acme/owl-2"),
            {"author": "acme", "variant": None, "alias": False, "price_state": "known", "status": "active"},
        ),
        (
            record(id="acme/owl-2:free", pricing={"prompt": "0", "completion": "0"}),
            {"author": "acme", "variant": "free", "alias": False, "price_state": "zero", "status": "active"},
        ),
        (
            record(id="~acme/owl-latest", pricing={"prompt": "-1", "completion": "-1"}),
            {"author": "acme", "variant": None, "alias": True, "price_state": "dynamic", "status": "active"},
        ),
        (
            record(pricing={}, expiration_date="2026-12-31"),
            {"author": "acme", "variant": None, "alias": False, "price_state": "unknown", "status": "expiring"},
        ),
        (
            record(pricing={"prompt": "0.1"}, expiration_date="2098-12-31"),
            {"author": "acme", "variant": None, "alias": False, "price_state": "unknown", "status": "active"},
        ),
    ],
    ids=["plain", "free variant", "alias of a router", "unpriced and leaving", "half priced, sentinel date"],
)
def test_llmanac_says_what_it_concludes(
    sent: Record, conclusions: dict[str, Json], served: Served, upstream: UpstreamSimulator
) -> None:
    assert one(served, upstream, sent)["llmanac"] == conclusions


def test_a_member_of_upstreams_cannot_pose_as_our_conclusions(served: Served, upstream: UpstreamSimulator) -> None:
    model = one(served, upstream, record(llmanac={"status": "bogus"}, topProvider={"is_moderated": True}))
    assert fields(model["llmanac"])["status"] == "active"
    assert fields(model["topProvider"])["is_moderated"] is False
