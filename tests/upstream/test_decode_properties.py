"""Whatever upstream sends: decoding never fails, never loses a good row, and forgets everything but the content."""

from datetime import timedelta
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.catalogue.catalogue import Origin, make_catalogue
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.snapshot import Part, RawPage, Snapshot
from llmanac.render.answer import render_listing
from llmanac.render.listing import View
from llmanac.upstream.decode import decode
from llmanac.upstream.split import NotAList
from tests.contract.oracle import Json, differences, expected_listing
from tests.strategies import (
    TAKEN_AT,
    good_rows,
    json_values,
    junk_rows,
    page,
    price_texts,
    quick,
    quick_lists,
    spell,
    taken,
    throws,
)


def judged(*bodies: bytes) -> Snapshot | NotAList:
    pages = [RawPage(Part.MODELS, f"http://upstream.test/{place}", body) for place, body in enumerate(bodies)]
    return decode(pages, source="openrouter", taken_at=TAKEN_AT)


def rendered(snapshot: Snapshot, view: View = View.LISTED) -> bytes:
    catalogue = make_catalogue(snapshot, serial=Serial(1), origin=Origin.FETCHED)
    return render_listing(catalogue, configured=False, hide_unconfigured=False, view=view)


@quick
@given(st.binary(max_size=60))
@example(b'{"data":[{"id":"\xff"}]}')
@example(b'{"data":[],"links":{"next":"\\ud800"}}')
def test_any_bytes_are_a_list_or_the_reason_why_not(body: bytes) -> None:
    found = judged(body)
    assert isinstance(found, Snapshot) or found.detail


@quick
@given(json_values(), throws())
def test_any_json_is_a_list_or_the_reason_why_not(value: Json, dice: Random) -> None:
    found = judged(spell(value, dice).encode())
    is_list = isinstance(value, list) or (isinstance(value, dict) and isinstance(value.get("data"), list))
    if not is_list:
        assert isinstance(found, NotAList)


@quick
@given(st.lists(junk_rows(), max_size=5))
def test_any_rows_become_models_and_rejects_that_render(rows: list[str]) -> None:
    found = judged(page(rows))
    assert isinstance(found, Snapshot)
    assert found.rows == len(rows)
    for reject in found.rejects:
        assert reject.path.startswith(f"$.data[{reject.position}]")
        assert reject.reason
        assert reject.raw == rows[reject.position].encode()
    for view in View:
        rendered(found, view)


@quick_lists
@given(good_rows(), st.lists(junk_rows(), max_size=4), st.randoms(use_true_random=False))
def test_no_good_row_is_lost_among_any_others(good: list[Json], junk: list[str], dice: Random) -> None:
    rows = [spell(row) for row in good]
    for row in junk:
        rows.insert(dice.randint(0, len(rows)), row)
    found = judged(page(rows))
    assert isinstance(found, Snapshot)
    kept = [(model.id, model.record.decode()) for model in found.models if model.id.startswith("good/")]
    assert kept == [(f"good/{place}", spell(row)) for place, row in enumerate(good)]


@quick_lists
@given(good_rows(), st.integers(0, 5))
def test_a_list_in_pages_is_the_list(good: list[Json], cut: int) -> None:
    rows = [spell(row) for row in good]
    found = judged(page(rows[:cut]), page(rows[cut:]))
    assert isinstance(found, Snapshot)
    assert found.models == taken(page(rows)).models


@quick_lists
@given(good_rows())
def test_every_good_row_comes_out_as_the_contract_says(good: list[Json]) -> None:
    raw = page([spell(row) for row in good])
    assert differences(expected_listing(raw, configured=False), rendered(taken(raw))) == []


@quick_lists
@given(good_rows(), throws())
def test_the_listing_depends_on_the_content_alone(good: list[Json], dice: Random) -> None:
    """Not on white space, escapes, the order of members or the time."""
    plain = taken(page([spell(row) for row in good]))
    respelt = taken(page([spell(row, dice) for row in good]), at=TAKEN_AT + timedelta(days=1))
    assert rendered(plain) == rendered(respelt)


@quick
@given(st.lists(price_texts(), min_size=1, max_size=8))
def test_price_texts_come_out_byte_for_byte(texts: list[str]) -> None:
    names = ("prompt", "completion", "image", "request", "web_search", "internal_reasoning", "input_cache_read")
    stated = dict(zip(names, texts, strict=False))
    row = '{"id":"acme/owl","pricing":{' + ",".join(f'"{name}":"{text}"' for name, text in stated.items()) + "}}"
    body = rendered(taken(page([row])))
    for name, text in stated.items():
        assert f'"{name}":"{text}"'.encode() in body
