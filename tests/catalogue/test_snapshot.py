"""What a Snapshot's digest depends on, and what the Catalogue made of it holds."""

import json
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.catalogue import Origin, make_catalogue
from llmanac.catalogue.ids import Serial
from tests.build import architecture, record
from tests.contract.oracle import Json
from tests.strategies import TAKEN_AT, good_rows, page, quick_lists, spell, taken, throws


@quick_lists
@given(good_rows(), throws())
def test_a_digest_depends_on_neither_spelling_nor_time(rows: list[Json], dice: Random) -> None:
    plain = taken(page([spell(row) for row in rows]))
    respelt = taken(page([spell(row, dice) for row in rows]), at=TAKEN_AT + timedelta(days=9))
    assert plain.digest == respelt.digest


@quick_lists
@given(good_rows(3), st.permutations(range(3)))
def test_a_digest_depends_on_the_order_of_models(rows: list[Json], order: list[int]) -> None:
    plain = taken(page([spell(row) for row in rows]))
    turned = taken(page([spell(rows[place]) for place in order]))
    assert (plain.digest == turned.digest) == (order == [0, 1, 2])


def test_a_digest_depends_on_rejected_rows_and_their_places() -> None:
    good = json.dumps(record())
    bodies = [page(rows) for rows in ([good], [good, "1"], [good, "2"], ["1", good], [good, "1", "1"])]
    assert len({taken(body).digest for body in bodies}) == len(bodies)


@quick_lists
@given(good_rows())
def test_a_catalogue_lists_text_and_image_models_in_upstreams_order_and_keeps_all_others(rows: list[Json]) -> None:
    snapshot = taken(page([spell(row) for row in rows]))
    catalogue = make_catalogue(snapshot, serial=Serial(7), origin=Origin.FETCHED)
    outputs = {model.id: model.architecture.output_modalities for model in snapshot.models}
    assert [model.id for model in catalogue.text] == [name for name, given in outputs.items() if "text" in given]
    assert [model.id for model in catalogue.image] == [name for name, given in outputs.items() if "image" in given]
    assert list(catalogue.by_id.values()) == list(snapshot.models)


def test_a_model_with_both_outputs_is_in_both_lists() -> None:
    both = record(id="acme/both", architecture=architecture(outputs=("text", "image")))
    snapshot = taken(page([json.dumps(both)]))
    catalogue = make_catalogue(snapshot, serial=Serial(1), origin=Origin.FETCHED)
    assert catalogue.text == catalogue.image == snapshot.models
