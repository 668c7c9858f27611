"""Records in OpenRouter's shape: what fits is passed on byte for byte, what does not is mended, and nothing else."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.model import Model
from llmanac.render.mending import alias_target, canonical_slug, mirrored
from llmanac.render.strictest import ReadModel
from llmanac.upstream.decode import decode_rows
from tests.build import Json, Record, architecture, pricing, record, top_provider
from tests.strategies import quick

DATA = sorted((Path(__file__).parents[1] / "data").glob("*.json"))
REQUIRED = (
    "id", "canonical_slug", "name", "created", "pricing", "context_length", "architecture", "top_provider",
    "per_request_limits", "supported_parameters", "default_parameters", "supported_voices", "links",
)  # fmt: skip


def model_of(members: Record) -> Model:
    (model,), rejects = decode_rows((json.dumps(members, ensure_ascii=False).encode(),))
    assert rejects == ()
    return model


def mended(**members: Json) -> Record:
    """A good record with these members instead."""
    found: Record = json.loads(mirrored(model_of(record(**members))))
    return found


def lacking(name: str) -> Record:
    found: Record = json.loads(mirrored(model_of({key: value for key, value in record().items() if key != name})))
    return found


def is_readable(shown: bytes) -> bool:
    """Whether the strictest client can read it."""
    try:
        msgspec.json.decode(shown, type=ReadModel)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("spaced", [False, True])
def test_a_record_that_every_client_can_read_keeps_every_byte(*, spaced: bool) -> None:
    text = json.dumps(
        record(unknown={"b": 1, "a": [1.50]}, benchmarks={"design_arena": []}), indent=2 if spaced else None
    )
    (model,), _ = decode_rows((text.replace("1.5]", "1.500]").encode(),))
    assert mirrored(model) == model.record


@pytest.mark.parametrize("name", [name for name in REQUIRED if name != "id"])
def test_a_member_that_older_records_lack_is_filled_and_the_rest_is_untouched(name: str) -> None:
    shown = lacking(name)
    assert is_readable(json.dumps(shown).encode())
    rest = {key: value for key, value in record().items() if key != name}
    assert {key: shown[key] for key in rest} == rest
    assert set(shown) - set(rest) == {name}


def test_what_is_filled_claims_nothing_that_upstream_did_not_say() -> None:
    bare = json.loads(mirrored(model_of({"id": "acme/owl:free"})))
    assert bare == {
        "id": "acme/owl:free",
        "canonical_slug": "acme/owl",
        "name": "acme/owl:free",
        "created": 0,
        "pricing": {"prompt": "-1", "completion": "-1"},
        "context_length": None,
        "architecture": {"modality": None, "input_modalities": ["text"], "output_modalities": ["text"]},
        "top_provider": {"is_moderated": False},
        "per_request_limits": None,
        "supported_parameters": [],
        "default_parameters": None,
        "supported_voices": None,
        "links": {"details": "/api/v1/models/acme/owl/endpoints"},
    }


LIMITS: Record = {"prompt_tokens": "40960", "completion_tokens": "8192"}
OVERRIDE: Record = {"prompt": "1", "when": 2}
INDEXES: Record = {"coding_index": 1, "intelligence_index": None, "agentic_index": None}
ODD: list[tuple[str, Json, Json]] = [
    ("name", None, "acme/owl-2"),
    ("description", None, ""),
    ("created", "1700000000", 1_700_000_000),
    ("created", None, 0),
    ("context_length", 25804.8, 25804),
    ("supported_parameters", None, []),
    ("supported_voices", "alto", None),
    ("per_request_limits", {}, None),
    ("per_request_limits", LIMITS, {"prompt_tokens": 40960, "completion_tokens": 8192}),
    ("per_request_limits", {"prompt_tokens": "Infinity", "completion_tokens": "8192"}, None),
    ("per_request_limits", {"prompt_tokens": 7}, None),
    ("per_request_limits", {**LIMITS, "prompt_tokens": "07"}, {"prompt_tokens": 7, "completion_tokens": 8192}),
    ("per_request_limits", {"prompt_tokens": "1" * 5000, "completion_tokens": "8192"}, None),
    ("default_parameters", [], None),
    ("default_parameters", {"temperature": "hot", "top_p": 0.95, "own": "x"}, {"top_p": 0.95, "own": "x"}),
    ("links", None, {"details": "/api/v1/models/acme/owl-2-20261021/endpoints"}),
    ("pricing", pricing(prompt=0.5), pricing(prompt="0.5")),
    ("pricing", pricing(completion=None), pricing(completion="-1")),
    ("pricing", pricing(image=None, discount=0.25, own=[1]), pricing(discount=0.25, own=[1])),
    ("pricing", pricing(overrides=[{"prompt": 1}, OVERRIDE]), pricing(overrides=[OVERRIDE])),
    ("architecture", architecture(tokenizer=None), {k: v for k, v in architecture().items() if k != "tokenizer"}),
    ("top_provider", top_provider(is_moderated=None), top_provider(is_moderated=False)),
    ("top_provider", top_provider(context_length=8191.5), top_provider(context_length=8191)),
    ("benchmarks", {"artificial_analysis": {"coding_index": 1}}, {"artificial_analysis": INDEXES, "design_arena": []}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sent", "shown"), ODD, ids=lambda value: str(value)[:40])
def test_an_odd_member_is_mended_so_that_the_list_is_not_lost(name: str, sent: Json, shown: Json) -> None:
    found = mended(**{name: sent})
    assert found[name] == shown
    assert is_readable(json.dumps(found).encode())
    assert {**found, name: None} == {**record(), name: None}


@pytest.mark.parametrize("name", ["benchmarks", "alias_target", "reasoning"])
def test_an_optional_member_that_is_null_is_left_out_since_some_clients_fail_on_it(name: str) -> None:
    assert mended(**{name: None}) == record()


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_real_records_of_every_age_can_be_read_and_lose_nothing(path: Path) -> None:
    for sent in json.loads(path.read_bytes())["data"]:
        model = model_of(sent)
        shown = mirrored(model)
        assert is_readable(shown)
        found = json.loads(shown)
        assert [name for name in found if name in sent] == [*sent], "in upstream's order"
        kept = {name for name, value in sent.items() if found[name] == value}
        lost = set(sent) - kept
        assert lost <= {"per_request_limits", "architecture", "top_provider", "context_length", "created", "pricing"}


LEAVES: st.SearchStrategy[Json] = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8)
ANYTHING = st.recursive(
    LEAVES | st.sampled_from([0.5, -1e300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["prompt", "x", "mandatory"]), inner),
    max_leaves=6,
)


@quick
@given(st.dictionaries(st.sampled_from([*record(), "reasoning", "benchmarks", "alias_target", "own"]), ANYTHING))
def test_whatever_comes_in_as_a_model_goes_out_readable_and_mending_again_changes_nothing(members: Record) -> None:
    models, _ = decode_rows((json.dumps({**record(), **members, "id": "acme/owl"}).encode(),))
    for model in models:
        shown = mirrored(model)
        assert is_readable(shown)
        (again,), _ = decode_rows((shown,))
        assert mirrored(again) == shown, "so that a mirror of a mirror is the same mirror"


def test_an_alias_names_its_target_and_a_record_its_slug() -> None:
    assert alias_target(model_of(record(alias_target={"slug": "acme/owl", "name": "Owl"}))) == "acme/owl"
    assert alias_target(model_of(record(alias_target={"slug": "acme/owl"}))) == "acme/owl", "a name is not needed"
    assert alias_target(model_of(record())) is None
    assert alias_target(model_of(record(alias_target="acme/owl"))) is None
    assert canonical_slug(model_of(record())) == "acme/owl-2-20261021"
    assert canonical_slug(model_of(record(id="acme/owl:free", canonical_slug=None))) == "acme/owl"
