"""What `q` finds, in real and in made names."""

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llmanac.query.index import Index, make_index
from llmanac.query.query import Query
from llmanac.query.row import Row, listed_row
from llmanac.query.search import search
from llmanac.query.words import fold, search_words
from llmanac.sync.load import bundled_catalogue
from tests.build import Record, answer, record
from tests.query.made import NOW
from tests.strategies import quick, taken

_bundled = bundled_catalogue()
assert _bundled is not None
REAL = make_index(map(listed_row, _bundled.snapshot.models))
IDS = [row.model.id for row in REAL.rows]
SLIPS = ("left out", "put in", "exchanged", "another")


def list_of(*names: tuple[str, str | None]) -> Index:
    return make_index(map(listed_row, taken(answer([record(id=model, name=name) for model, name in names])).models))


def find(index: Index, text: str) -> list[str]:
    return [row.model.id for row in search(index, Query(q=text), now=NOW).rows]


OWLS = list_of(
    ("acme/owl-4o-mini", "Acme: Owl 4o Mini"),
    ("acme/owl-4o", "Acme: Owl 4o"),
    ("acme/owl-4o-2024-08-06", "Acme: Owl 4o (2024-08-06)"),
    ("acme/owl-4", "Acme: Owl 4"),
    ("acme/owl-41", None),
    ("big-nest/night-jar-3.5-chat", "Big Nest: Nightjar 3.5 Chat"),
    ("big-nest/night-jar-3.50", "Big Nest: Nightjar 3.50"),
    ("zoo/éclair-v3", "Zoo: Éclair Ｖ３"),
    ("zoo/heron-32b", "Zoo: Heron 32B (self-moderated)"),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("owl 4o", ["acme/owl-4o", "acme/owl-4o-mini", "acme/owl-4o-2024-08-06"]),
        ("OWL-4O", ["acme/owl-4o", "acme/owl-4o-mini", "acme/owl-4o-2024-08-06"]),
        ("owl4o", ["acme/owl-4o", "acme/owl-4o-mini", "acme/owl-4o-2024-08-06"]),
        ("4o: owl!", ["acme/owl-4o", "acme/owl-4o-mini", "acme/owl-4o-2024-08-06"]),
        ("mini owl", ["acme/owl-4o-mini"]),
        ("owl min", ["acme/owl-4o-mini"]),
        ("owl 4", ["acme/owl-4", "acme/owl-4o", "acme/owl-4o-mini", "acme/owl-4o-2024-08-06"]),
        ("acme/owl-4o", ["acme/owl-4o", "acme/owl-4o-mini", "acme/owl-4o-2024-08-06"]),
        ("ACME/OWL-4o-Mini", ["acme/owl-4o-mini"]),
        ("owl 41", ["acme/owl-41"]),
        ("nightjar", ["big-nest/night-jar-3.50", "big-nest/night-jar-3.5-chat"]),
        ("night jar 3.5", ["big-nest/night-jar-3.5-chat"]),
        ("nightjar35", ["big-nest/night-jar-3.5-chat"]),
        ("nightjar 35 chat", ["big-nest/night-jar-3.5-chat"]),
        ("bignest", ["big-nest/night-jar-3.50", "big-nest/night-jar-3.5-chat"]),
        ("nihgtjar 3.5", ["big-nest/night-jar-3.5-chat"]),
        ("eclair", ["zoo/éclair-v3"]),
        ("ECLAIR v3", ["zoo/éclair-v3"]),
        ("éclairs", ["zoo/éclair-v3"]),
        ("2024", ["acme/owl-4o-2024-08-06"]),
        ("heron 3", []),
        ("heron 32", ["zoo/heron-32b"]),
        ("hern", ["zoo/heron-32b"]),
        ("hron", ["zoo/heron-32b"]),
        ("hrn", []),
        ("owm", []),
        ("heron owl", []),
        ("self moderated", ["zoo/heron-32b"]),
    ],
)
def test_names_are_found_however_they_are_typed(text: str, found: list[str]) -> None:
    assert find(OWLS, text) == found


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("gpt 4o", "openai/gpt-4o"),
        ("gpt-4o", "openai/gpt-4o"),
        ("gpt4o", "openai/gpt-4o"),
        ("gpt41 mini", "openai/gpt-4.1-mini"),
        ("claude 4.5 sonnet", "anthropic/claude-sonnet-4.5"),
        ("sonet 45", "anthropic/claude-sonnet-4.5"),
        ("claude45", "anthropic/claude-opus-4.5"),
        ("cluade opus 4.1", "anthropic/claude-opus-4.1"),
        ("open ai gpt 4o mini", "openai/gpt-4o-mini"),
        ("deep seek v3.2", "deepseek/deepseek-v3.2"),
        ("gemini flash lite 2.5", "google/gemini-2.5-flash-lite"),
        ("llama 3.1 70b instruct", "meta-llama/llama-3.1-70b-instruct"),
    ],
)
def test_the_model_that_is_meant_comes_first(text: str, first: str) -> None:
    assert find(REAL, text)[0] == first


@quick
@given(st.sampled_from(IDS))
def test_an_exact_id_comes_first(model: str) -> None:
    assert find(REAL, model)[0] == model
    assert find(REAL, f" {model} ".upper())


@quick
@given(st.sampled_from(REAL.rows), st.randoms(use_true_random=False))
def test_words_of_a_name_find_it_in_any_order_and_unfinished(row: Row, dice: Random) -> None:
    model = row.model
    words = search_words(f"{model.id} {model.name}")[:16]
    dice.shuffle(words)
    unfinished = [word[: max(3, len(word) - 1)] if word.isalpha() else word for word in words]
    assert model.id in find(REAL, " ".join(words))
    assert model.id in find(REAL, "+".join(unfinished).title())


@quick
@given(st.sampled_from(REAL.rows), st.data())
def test_a_word_with_one_slip_still_finds(row: Row, data: st.DataObject) -> None:
    """Unless what was typed is itself a word of the list."""
    model = row.model
    words = search_words(model.id)
    long_words = [place for place, word in enumerate(words) if word.isalpha() and len(word) >= 5]
    assume(long_words)
    place = data.draw(st.sampled_from(long_words))
    words[place] = slipped(words[place], data.draw(st.sampled_from(SLIPS)), data)
    assume(words[place] not in {word for other in IDS for word in search_words(other)})
    assert model.id in find(REAL, " ".join(words))


def slipped(word: str, slip: str, data: st.DataObject) -> str:
    at = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    return {
        "left out": word[:at] + word[at + 1 :],
        "put in": word[:at] + letter + word[at:],
        "exchanged": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        "another": word[:at] + letter + word[at + 1 :],
    }[slip]


def test_an_alias_is_found_by_its_target_and_the_target_by_its_alias() -> None:
    records = [
        record(
            id="~acme/owl-latest",
            name="Acme: Owl Latest",
            alias_target={"slug": "acme/heron-7", "name": "Acme: Heron 7"},
        ),
        record(id="acme/heron-7", name="Acme: Heron 7"),
        record(id="acme/owl-1", name="Acme: Owl 1"),
    ]
    index = make_index(map(listed_row, taken(answer(records)).models))
    assert find(index, "heron") == ["acme/heron-7", "~acme/owl-latest"]
    assert find(index, "owl latest") == ["~acme/owl-latest", "acme/heron-7"]
    assert find(index, "~acme/owl-latest")[0] == "~acme/owl-latest"


@pytest.mark.parametrize("names", [{}, {"canonical_slug": 7, "alias_target": [1]}, {"alias_target": {"slug": None}}])
def test_other_names_of_another_shape_are_none(names: Record) -> None:
    made = record(id="acme/owl", **{"canonical_slug": None, **names})
    index = make_index(map(listed_row, taken(answer([made])).models))
    assert find(index, "acme owl") == ["acme/owl"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Ｃｌａｕｄｅ", "claude"), ("ÉCLAIR", "eclair"), ("straße", "strasse"), ("ﬁne", "fine"), ("通义", "通义")],
)
def test_one_spelling_is_made_of_many(text: str, folded: str) -> None:
    assert fold(text) == folded


@quick
@given(st.text(max_size=60))
def test_no_text_breaks_the_search(text: str) -> None:
    if search_words(text):
        assert set(find(OWLS, text)) <= {row.model.id for row in OWLS.rows}


def test_a_word_that_could_be_taken_apart_in_countless_ways_is_answered() -> None:
    index = list_of(("a/a-aa-aaa-aaaa", "A AA AAA"))
    assert find(index, "a" * 200) == []
    assert find(index, " ".join(["a" * 11 + "z"] * 16)) == []
