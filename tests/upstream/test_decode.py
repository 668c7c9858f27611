"""Rows of a list: what is odd is kept, what is bad becomes a Reject, and nothing is lost with it."""

import json
from pathlib import Path

import pytest

from llmanac.catalogue.catalogue import Origin, make_catalogue
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.snapshot import Part, RawPage, Snapshot
from llmanac.render.answer import render_listing
from llmanac.render.listing import View
from llmanac.upstream.decode import decode
from llmanac.upstream.split import NotAList, NotAListReason
from tests.build import Json, architecture, pricing, record, top_provider
from tests.contract.oracle import differences, expected_listing
from tests.shared_data import RealList, real_lists
from tests.strategies import NOT_JSON, TAKEN_AT, page, taken

ODD = sorted((Path(__file__).parents[1] / "data").glob("*.json"))
GOOD = json.dumps(record(id="acme/good"))


def rendered(snapshot: Snapshot) -> bytes:
    catalogue = make_catalogue(snapshot, serial=Serial(1), origin=Origin.FETCHED)
    return render_listing(catalogue, configured=False, hide_unconfigured=False, view=View.LISTED)


@pytest.mark.parametrize("path", ODD, ids=lambda path: path.stem)
def test_every_odd_record_comes_out_as_the_contract_says(path: Path) -> None:
    raw = path.read_bytes()
    snapshot = taken(raw)
    assert snapshot.rejects == ()
    assert differences(expected_listing(raw, configured=False), rendered(snapshot)) == []


@pytest.mark.real_lists
@pytest.mark.parametrize("real", real_lists(), ids=str)
def test_every_row_of_every_real_list_becomes_a_model(real: RealList) -> None:
    snapshot = taken(real.raw())
    assert snapshot.rejects == ()
    assert len(snapshot.models) > 50


def test_records_are_kept_byte_for_byte_with_members_nobody_knows() -> None:
    sent = '{ "id":"acme/new" ,\t"smell": {"of": ["rain", 1.50]},  "pricing": {"prompt":"0.10", "smell": [ ]}}'
    (model,) = taken(page([sent])).models
    assert model.record == sent.encode()


def test_unknown_modalities_are_kept_in_upstreams_order() -> None:
    shape = architecture(("smell", "text"), ("gesture", "text"))
    (model,) = taken(page([json.dumps(record(architecture=shape))])).models
    assert model.architecture.input_modalities == ("smell", "text")
    assert model.architecture.output_modalities == ("gesture", "text")
    assert model.gives_text


@pytest.mark.parametrize("empty", [[], None])
def test_stated_modalities_win_over_the_word_and_only_their_absence_is_derived(empty: list[str] | None) -> None:
    shape: dict[str, Json] = {"modality": "text->image", "output_modalities": empty}
    (model,) = taken(page([json.dumps(record(architecture=shape))])).models
    assert model.architecture.output_modalities == (() if empty is not None else ("image",))


BAD_ROWS: list[tuple[str, str]] = [
    ("null", ""),
    ("[]", ""),
    ('"acme/owl"', ""),
    ("{}", ""),
    ('{"id": null}', ".id"),
    ('{"id": 17}', ".id"),
    ('{"id": ""}', ".id"),
    ('{"id": " \\u00a0"}', ".id"),
    (json.dumps({"id": "x" * 513}), ".id"),
    ('{"id": "acme/nul\\u0000"}', ".id"),
    ('{"id": "a", "name": 5}', ".name"),
    ('{"id": "a", "created": "yesterday"}', ".created"),
    ('{"id": "a", "created": true}', ".created"),
    ('{"id": "a", "created": 1e400}', ".created"),
    ('{"id": "a", "created": 1e300}', ".created"),
    ('{"id": "a", "context_length": 9007199254740992}', ".context_length"),
    ('{"id": "a", "context_length": []}', ".context_length"),
    ('{"id": "a", "architecture": "text->text"}', ".architecture"),
    ('{"id": "a", "architecture": {"input_modalities": "text"}}', ".architecture.input_modalities"),
    ('{"id": "a", "architecture": {"output_modalities": ["text", 1]}}', ".architecture.output_modalities[1]"),
    ('{"id": "a", "top_provider": []}', ".top_provider"),
    ('{"id": "a", "top_provider": {"max_completion_tokens": "many"}}', ".top_provider.max_completion_tokens"),
    ('{"id": "a", "pricing": 3}', ".pricing"),
    ('{"id": "a", "pricing": {"prompt": ""}}', ".pricing.prompt"),
    ('{"id": "a", "pricing": {"prompt": "-2"}}', ".pricing.prompt"),
    ('{"id": "a", "pricing": {"completion": true}}', ".pricing.completion"),
    ('{"id": "a", "pricing": {"completion": {"usd": 1}}}', ".pricing.completion"),
    ('{"id": "a", "per_request_limits": []}', ".per_request_limits"),
    ('{"id": "a", "supported_parameters": {}}', ".supported_parameters"),
]


@pytest.mark.parametrize(("row", "path"), BAD_ROWS)
def test_a_bad_row_is_a_reject_with_path_reason_and_bytes_and_the_others_live(row: str, path: str) -> None:
    snapshot = taken(page([GOOD, row, json.dumps(record(id="acme/after"))]))
    assert [model.id for model in snapshot.models] == ["acme/good", "acme/after"]
    (reject,) = snapshot.rejects
    assert (reject.position, reject.path, reject.raw) == (1, f"$.data[1]{path}", row.encode())
    assert reject.reason


@pytest.mark.parametrize("value", [*NOT_JSON, '"a\nliteral line break"', '"a\tliteral tab"'], ids=repr)
def test_a_row_that_is_no_strict_json_is_a_reject_and_the_others_live(value: str) -> None:
    row = '{"id": "acme/odd", "name": ' + value + "}"
    for body in (page([GOOD, row]), b"\xef\xbb\xbf " + page([GOOD, row]), f"[{GOOD} , {row}]".encode()):
        snapshot = taken(body)
        assert [model.id for model in snapshot.models] == ["acme/good"]
        assert [(reject.position, reject.raw) for reject in snapshot.rejects] == [(1, row.encode())]


def test_of_rows_with_one_id_the_first_good_one_is_the_model() -> None:
    rows = ['{"id": "a", "name": 5}', '{"id": "a", "name": "first"}', '{"id": "b"}', '{"id": "a", "name": "again"}']
    snapshot = taken(page(rows))
    assert [(model.id, model.name) for model in snapshot.models] == [("a", "first"), ("b", None)]
    assert [(reject.position, reject.path) for reject in snapshot.rejects] == [
        (0, "$.data[0].name"),
        (3, "$.data[3].id"),
    ]


def test_rows_are_counted_over_all_pages() -> None:
    bodies = (page([GOOD, '{"id": "b"}']), page(["7", '{"id": "c"}']))
    pages = [RawPage(Part.MODELS, f"http://upstream.test/{place}", body) for place, body in enumerate(bodies)]
    snapshot = decode(pages, source="openrouter", taken_at=TAKEN_AT)
    assert isinstance(snapshot, Snapshot)
    assert [model.id for model in snapshot.models] == ["acme/good", "b", "c"]
    assert (snapshot.rejects[0].position, snapshot.rejects[0].path, snapshot.rows) == (2, "$.data[2]", 4)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", NotAListReason.NOT_JSON),
        (b"\xff\xfe", NotAListReason.NOT_JSON),
        (b'{"data": [', NotAListReason.NOT_JSON),
        (b'{"data": []} x', NotAListReason.NOT_JSON),
        (b'{"data": [NaN]} x', NotAListReason.NOT_JSON),
        (b"  <!doctype html>", NotAListReason.HTML),
        (b"\xef\xbb\xbf<html>", NotAListReason.HTML),
        (b'{"error": {"code": 500}}', NotAListReason.ERROR_OBJECT),
        (b'{"error": null, "data": {}}', NotAListReason.ERROR_OBJECT),
        (b'{"data": {"a": 1}}', NotAListReason.NO_LIST),
        (b'{"data": null}', NotAListReason.NO_LIST),
        (b'{"models": []}', NotAListReason.NO_LIST),
        (b"7", NotAListReason.NO_LIST),
        (b"null", NotAListReason.NO_LIST),
        (b'{"data": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", NotAListReason.NOT_JSON),
    ],
)
def test_what_is_no_list_says_why(body: bytes, reason: NotAListReason) -> None:
    found = decode([RawPage(Part.MODELS, "u", body)], source="openrouter", taken_at=TAKEN_AT)
    assert isinstance(found, NotAList)
    assert found.reason is reason
    assert found.detail


def test_an_account_decides_only_for_models_with_text_output() -> None:
    rows = [
        json.dumps(record(id="text/mine")),
        json.dumps(record(id="text/other")),
        json.dumps(record(id="image/any", architecture=architecture(outputs=("image",)))),
        json.dumps(record(id="both/other", architecture=architecture(outputs=("text", "image")))),
    ]
    account = page([json.dumps(record(id="text/mine", pricing=pricing(prompt="9"), top_provider=top_provider()))])
    pages = [RawPage(Part.MODELS, "m", page(rows)), RawPage(Part.ACCOUNT, "a", account)]
    snapshot = decode(pages, source="openrouter", taken_at=TAKEN_AT)
    assert isinstance(snapshot, Snapshot)
    assert [model.id for model in snapshot.models] == ["text/mine", "image/any"]
    prompt = snapshot.models[0].pricing.rate("prompt")
    assert prompt is not None
    assert prompt.text == "0.0000004"


def test_an_empty_account_list_is_no_list() -> None:
    pages = [RawPage(Part.MODELS, "m", page([GOOD])), RawPage(Part.ACCOUNT, "a", page([]))]
    found = decode(pages, source="openrouter", taken_at=TAKEN_AT)
    assert isinstance(found, NotAList)
    assert "account" in found.detail
