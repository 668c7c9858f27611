"""Small truths for the oracle, each written by hand from the contract and never by running it."""

import json

import pytest

from tests.contract.oracle import Json, Number, UndecidedError, differences, expected_listing
from tests.shared_data import RealList, real_lists

RECORD_2026 = """{
  "id": "acme/owl-2", "canonical_slug": "acme/owl-2-20260301", "hugging_face_id": null, "name": "Acme: Owl 2 ",
  "created": 1772323200, "description": "Sees <b>at night</b>.\\n",
  "pricing": {"completion": "0.00001", "prompt": "0.0000006000000000000001", "audio": "0.1", "web_search": "0",
    "request": "-1", "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000002"}]},
  "context_length": 200000,
  "architecture": {"input_modalities": ["image", "text"], "instruct_type": null, "modality": "text+image->text",
    "output_modalities": ["text"], "tokenizer": "Other"},
  "top_provider": {"context_length": 131072, "is_moderated": false, "max_completion_tokens": 0},
  "per_request_limits": null, "supported_parameters": ["tools", "max_tokens"], "benchmarks": {"new": 1}
}"""

LISTED_2026 = """{"id": "acme/owl-2", "name": "Acme: Owl 2 ", "created": 1772323200,
  "description": "Sees <b>at night</b>.\\n",
  "architecture": {"input_modalities": ["image", "text"], "output_modalities": ["text"],
    "tokenizer": "Other"},
  "topProvider": {"is_moderated": false, "context_length": 131072, "max_completion_tokens": 0},
  "pricing": {"prompt": "0.0000006000000000000001", "completion": "0.00001", "request": "-1", "web_search": "0"},
  "context_length": 200000, "max_completion_tokens": 0, "per_request_limits": {},
  "supported_parameters": ["tools", "max_tokens"]}"""

RECORD_2023 = """{"id": "acme/egg", "name": "Egg", "pricing": {"prompt": "0", "completion": "0"},
  "context_length": 4095, "architecture": {"tokenizer": "Llama2", "instruct_type": "vicuna"},
  "top_provider": {"max_completion_tokens": null},
  "per_request_limits": {"prompt_tokens": "Infinity", "completion_tokens": "88"}}"""

LISTED_2023 = """{"id": "acme/egg", "name": "Egg", "description": "",
  "architecture": {"input_modalities": ["text"], "output_modalities": ["text"],
    "tokenizer": "Llama2", "instruct_type": "vicuna"},
  "topProvider": {}, "pricing": {"prompt": "0", "completion": "0"}, "context_length": 4095,
  "per_request_limits": {"prompt_tokens": "Infinity", "completion_tokens": "88"}, "supported_parameters": []}"""

LISTED_BARE = """{"id": "a/b", "description": "",
  "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
  "topProvider": {}, "pricing": {}, "per_request_limits": {}, "supported_parameters": []}"""


def answer(text: str = "", image: str = "", configured: str = "false") -> bytes:
    group = '[{"provider": "openrouter", "configured": %s, "models": [%s]}]'
    return f'{{"text": {group % (configured, text)}, "image": {group % (configured, image)}}}'.encode()


def listing(*rows: str) -> dict[str, Json]:
    return expected_listing(f'{{"data": [{",".join(rows)}]}}'.encode(), configured=False)


def models(seen: dict[str, Json], kind: str) -> list[dict[str, Json]]:
    groups = seen[kind]
    assert isinstance(groups, list)
    group = groups[0]
    assert isinstance(group, dict)
    listed = group["models"]
    assert isinstance(listed, list)
    return [model for model in listed if isinstance(model, dict)]


def ids(seen: dict[str, Json], kind: str) -> list[Json]:
    return [model["id"] for model in models(seen, kind)]


def row(members: str) -> str:
    return f'{{"id": "a/b", {members}}}'


def test_a_2026_record_becomes_the_contracts_model() -> None:
    assert differences(listing(RECORD_2026), answer(text=LISTED_2026)) == []


def test_a_2023_record_is_a_text_model_without_what_it_does_not_say() -> None:
    assert differences(listing(RECORD_2023), answer(text=LISTED_2023)) == []


@pytest.mark.parametrize(
    "members",
    [
        '"links": {}',
        '"architecture": null, "pricing": null, "top_provider": null, "per_request_limits": null',
        '"name": null, "created": null, "description": null, "supported_parameters": null, "pricing": {"prompt": null}',
        '"architecture": {"modality": null, "input_modalities": null, "output_modalities": null, "tokenizer": null}',
    ],
)
def test_null_and_absent_give_the_same_model(members: str) -> None:
    assert differences(listing(row(members)), answer(text=LISTED_BARE)) == []


def test_a_bare_list_and_a_credential_are_read() -> None:
    expected = expected_listing(b"[" + RECORD_2026.encode() + b"]", configured=True)
    assert differences(expected, answer(text=LISTED_2026, configured="true")) == []


def test_an_empty_list_keeps_both_groups() -> None:
    assert differences(expected_listing(b"[]", configured=False), answer()) == []


def test_outputs_decide_the_group_and_other_outputs_are_in_none() -> None:
    outputs = {"a/t": '"text"', "a/i": '"image"', "a/both": '"image", "text"', "a/e": '"embeddings"'}
    rows = [f'{{"id": "{name}", "architecture": {{"output_modalities": [{out}]}}}}' for name, out in outputs.items()]
    seen = listing(*rows)
    assert [ids(seen, "text"), ids(seen, "image")] == [["a/t", "a/both"], ["a/i", "a/both"]]


@pytest.mark.parametrize(
    ("modality", "inputs"),
    [
        ("text->text", ["text"]),
        ("text+image->text", ["text", "image"]),
        ("multimodal", ["text", "image"]),
        ("text", ["text"]),
    ],
)
def test_without_lists_the_modality_of_2024_says_what_goes_in_and_out(modality: str, inputs: list[str]) -> None:
    record = row(f'"architecture": {{"modality": "{modality}"}}')
    assert models(listing(record), "text")[0]["architecture"] == {
        "input_modalities": inputs,
        "output_modalities": ["text"],
    }


def test_an_arrow_to_image_makes_an_image_model() -> None:
    assert ids(listing(row('"architecture": {"modality": "text->image"}')), "image") == ["a/b"]


def test_the_lists_win_over_modality() -> None:
    seen = listing(row('"architecture": {"modality": "text->text", "output_modalities": ["image"]}'))
    assert [ids(seen, "text"), ids(seen, "image")] == [[], ["a/b"]]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("25804.8", "25804"), ("25804.0", "25804"), ('"128000"', "128000"), ("0", "0"), ("1e3", "1000"), ("-1.5", "-2")],
)
def test_integers_are_whole_rounded_down_and_read_from_digits(sent: str, shown: str) -> None:
    members = f'"created": {sent}, "context_length": {sent}, "top_provider": {{"max_completion_tokens": {sent}}}'
    model = models(listing(row(members)), "text")[0]
    top = {"max_completion_tokens": Number(shown)}
    assert [model["created"], model["context_length"], model["max_completion_tokens"]] == [Number(shown)] * 3
    assert model["topProvider"] == top


@pytest.mark.parametrize("literal", ["0.10", "1e-06", "0.0000006000000000000001", "-1", "0"])
def test_a_price_sent_as_a_number_is_its_literal_text(literal: str) -> None:
    pricing = models(listing(row(f'"pricing": {{"prompt": {literal}}}')), "text")[0]["pricing"]
    assert isinstance(pricing, dict)
    assert pricing["prompt"] == literal


def test_the_first_of_two_records_with_one_id_stands() -> None:
    rows = ('{"id": "a/b", "name": "first"}', '{"id": "a/c"}', '{"id": "a/b", "name": "second"}')
    assert ids(listing(*rows), "text") == ["a/b", "a/c"]
    assert models(listing(*rows), "text")[0]["name"] == "first"


def test_rows_without_an_id_leave_the_others_alone() -> None:
    assert ids(listing("17", "null", "{}", '{"id": 3}', '{"id": ""}', '{"id": "a/b"}'), "text") == ["a/b"]


@pytest.mark.parametrize(
    "members",
    [
        '"context_length": "many"',
        '"context_length": true',
        '"context_length": 1e400',
        '"pricing": {"prompt": []}',
        '"architecture": "text"',
        '"supported_parameters": ["tools", 1]',
    ],
)
def test_what_the_contract_leaves_open_is_undecided(members: str) -> None:
    with pytest.raises(UndecidedError):
        listing(row(members))


@pytest.mark.parametrize("raw", [b'{"error": {"code": 500}}', b"7", b'{"data": {}}'])
def test_what_is_no_list_is_undecided(raw: bytes) -> None:
    with pytest.raises(UndecidedError):
        expected_listing(raw, configured=False)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('"prompt": "0"', '"prompt": "0.0"', 'text[0].models[acme/egg].pricing.prompt: expected "0", seen "0.0"'),
        ('"prompt": "0"', '"prompt": 0', 'text[0].models[acme/egg].pricing.prompt: expected "0", seen 0'),
        ("4095", "4095.0", "text[0].models[acme/egg].context_length: expected 4095, seen 4095.0"),
        ('"name": "Egg", ', "", "text[0].models[acme/egg].name: missing"),
        ('"name"', '"label": 1, "name"', "text[0].models[acme/egg].label: not expected"),
        (
            '"prompt": "0", "completion": "0"',
            '"completion": "0", "prompt": "0"',
            "text[0].models[acme/egg].pricing: wrong order, completion where prompt should be",
        ),
        ('"description"', '"created": 0, "description"', "text[0].models[acme/egg].created: not expected"),
        ('"description"', '"created": null, "description"', "text[0].models[acme/egg].created: not expected"),
        (
            '"supported_parameters": []',
            '"supported_parameters": null',
            "text[0].models[acme/egg].supported_parameters: expected an array, seen null",
        ),
        ('"image": [{', '"image": [{"more": [], ', "image[0].more: not expected"),
        ("false", "true", "text[0].configured: expected false, seen true"),
    ],
)
def test_a_difference_names_the_model_the_member_and_both_values(before: str, after: str, line: str) -> None:
    told = answer(text=LISTED_2023).decode().replace(before, after, 1)
    assert line in differences(listing(RECORD_2023), told.encode())


def test_models_that_are_missing_added_doubled_or_moved_are_named() -> None:
    expected = listing(RECORD_2026, RECORD_2023)
    egg, owl = LISTED_2023, LISTED_2026
    assert differences(expected, answer(text=f"{owl}, {egg}")) == []
    assert differences(expected, answer(text=owl)) == ["text[0].models[acme/egg]: missing"]
    assert differences(expected, answer(text=f"{owl}, {egg}, {LISTED_BARE}")) == ["text[0].models[a/b]: not expected"]
    assert differences(expected, answer(text=f"{owl}, {egg}, {egg}")) == ["text[0].models[2]: not expected"]
    assert differences(expected, answer(text=f"{egg}, {owl}")) == [
        "text[0].models: wrong order, acme/egg where acme/owl-2 should be"
    ]


def test_an_answer_that_is_no_json_or_doubles_a_member_is_a_difference() -> None:
    expected = listing()
    doubled = answer().replace(b'"configured": false', b'"configured": false, "configured": false', 1)
    for told in (answer()[:-1], b"", b"\xff", b"<html>", doubled):
        assert differences(expected, told)[0].startswith("the answer is not JSON")


@pytest.mark.real_lists
@pytest.mark.parametrize("real", real_lists(), ids=str)
def test_every_real_list_can_be_decided(real: RealList) -> None:
    expected = expected_listing(real.raw(), configured=False)
    text, image = ids(expected, "text"), ids(expected, "image")
    assert len(text) >= 73
    assert text == list(dict.fromkeys(text))
    assert image == list(dict.fromkeys(image))
    assert differences(expected, as_bytes(expected)) == []


def as_bytes(value: Json) -> bytes:
    """The value written back, by json's own writer wherever there is no number."""

    def written(part: Json) -> str:
        if isinstance(part, dict):
            return "{" + ",".join(f"{json.dumps(name)}:{written(inner)}" for name, inner in part.items()) + "}"
        if isinstance(part, list):
            return "[" + ",".join(map(written, part)) + "]"
        return part.text if isinstance(part, Number) else json.dumps(part)

    return written(value).encode()
