"""`llmanac compare`: models side by side, differences marked without a colour."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import architecture, pricing, record
from tests.cli.house import House, open_house

OWL = record(id="acme/owl", architecture=architecture(("text", "image")), supported_parameters=["tools", "seed"])
EAGLE = record(
    id="acme/eagle",
    architecture=architecture(("image", "text")),
    supported_parameters=["tools", "stop"],
    pricing=pricing(prompt="0.0000009", image_output="0.00001"),
)
EGG = record(id="acme/egg", context_length=None)
del EGG["supported_parameters"]
GONE = record(id="acme/gone")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Three models that are there, and one that was."""
    with open_house(tmp_path_factory.mktemp("compare"), (0, [GONE, OWL, EAGLE]), (24, [OWL, EAGLE, EGG])) as opened:
        yield opened


def table(text: str) -> dict[str, list[str]]:
    """The CSV by what is compared: whether it differs, and the values."""
    return {row[1]: [row[0], *row[2:]] for row in csv.reader(io.StringIO(text))}


def test_models_stand_side_by_side_and_differences_are_told(house: House) -> None:
    ended = house.ask("compare", "acme/owl", "acme/eagle", "acme/egg", "--format", "csv")
    assert (ended.code, ended.err) == (0, "")
    rows = table(ended.out)
    assert rows["what"] == ["differs", "acme/owl", "acme/eagle", "acme/egg"]
    assert rows["takes"] == ["yes", "image, text", "image, text", "text"]
    assert rows["context"] == ["yes", "262144", "262144", ""]
    assert rows["gives"] == ["no", "text", "text", "text"]
    assert rows["price prompt"] == ["yes", "0.0000004", "0.0000009", "0.0000004"]
    assert rows["price image_output"] == ["yes", "", "0.00001", ""]
    assert rows["parameters: tools"] == ["yes", "yes", "yes", ""]
    assert rows["parameters: seed"] == ["yes", "yes", "no", ""]


def test_what_is_empty_is_not_stated_and_no_difference(tmp_path: Path) -> None:
    lists = (0, [OWL | {"hugging_face_id": ""}, EAGLE | {"hugging_face_id": None}])
    with open_house(tmp_path, lists) as opened:
        rows = table(opened.ask("compare", "acme/owl", "acme/eagle", "--format", "csv").out)
    assert rows["weights"] == ["no", "", ""]


def test_the_order_of_modalities_is_no_difference(house: House) -> None:
    rows = table(house.ask("compare", "acme/owl", "acme/eagle", "--format", "csv").out)
    assert rows["takes"][0] == rows["parameters: tools"][0] == "no"


def test_a_line_that_differs_begins_with_a_mark(house: House) -> None:
    ended = house.ask("compare", "acme/owl", "acme/eagle")
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["≠", "price", "prompt", "$0.4/M", "$0.9/M"] in lines
    assert ["context", "262144", "262144"] in lines
    assert "\x1b" not in ended.out
    only = house.ask("compare", "acme/owl", "acme/eagle", "--only-differences", "--format", "markdown")
    assert {line.split(" | ")[0] for line in only.out.splitlines()[2:]} == {"| ≠"}


def test_json_has_the_models_whole_and_names_what_differs(house: House) -> None:
    shown = json.loads(house.ask("compare", "acme/owl", "acme/gone", "--format", "json", "--as-of", "1").out)
    assert [model["id"] for model in shown["models"]] == ["acme/owl", "acme/gone"]
    assert "takes" in shown["differences"]
    assert "gives" not in shown["differences"]


def test_a_model_that_has_left_is_compared_by_its_last_data(house: House) -> None:
    ended = house.both("compare", "acme/owl", "acme/gone", "--format", "csv")
    assert (ended.code, ended.err) == (0, "acme/gone is no longer listed: this is its last data.\n")
    assert table(ended.out)["status"] == ["yes", "active", "removed"]


@pytest.mark.parametrize(
    ("models", "code", "words"),
    [
        (("acme/owl",), 2, "Expected 2 to 6 different models, got 1"),
        (("acme/owl", "acme/owl"), 2, "Expected 2 to 6 different models, got 1"),
        (tuple(f"a/{number}" for number in range(7)), 2, "Expected 2 to 6 different models, got 7"),
        (("acme/owl", "lynx"), 2, "MODEL: Expected an id such as author/slug, got 'lynx'"),
        (("acme/owl", "acme/ow"), 1, "There is no model 'acme/ow'"),
    ],
)
def test_what_cannot_be_compared_is_said(models: tuple[str, ...], code: int, words: str, house: House) -> None:
    ended = house.ask("compare", *models)
    assert ended.code == code
    assert words in ended.err
