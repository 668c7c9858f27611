"""Tables on a terminal and in a pipe: no id and no number is broken, and no line is padded."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmanac.cli.table_layout import GAP, align_points, fold, in_blocks, lay_out, room_of
from tests.build import Record, pricing, record
from tests.cli.command import llmanac, on_terminal
from tests.cli.house import House, open_house

LONG_ID = "acme/an-owl-with-a-long-id-20260101-preview"
NAME = "Acme: An Owl with a long name (2026)"
OWL = record(id=LONG_ID, name=NAME, pricing=pricing(prompt="0.000000285", completion="0.00001"))
NEWT = record(id="acme/newt-1.5", name="Newt", pricing=pricing(prompt="0.0000123", completion="0.00000075"))
CHEAPER: list[Record] = [
    OWL | {"pricing": pricing(prompt="0.000000085", completion="0.00001")},
    NEWT | {"expiration_date": "2026-11-30"},
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    directory: Path = tmp_path_factory.mktemp("tables")
    with open_house(directory, (0, [OWL, NEWT]), (24, CHEAPER)) as made:
        yield made


COST = ("--prompt-tokens", "1000", "--completion-tokens", "123")
TABLES: Mapping[tuple[str, ...], Sequence[str]] = {
    ("list",): (LONG_ID, "262144", "0.085", "12.3"),
    ("list", "--status", "active,expiring"): (LONG_ID, "0.085", "2026-11-30"),
    ("list", "--fields", "id,name,pricing.prompt"): (LONG_ID, "0.000000085"),
    ("changes",): (LONG_ID, "0.285", "0.085", "-70.18"),
    ("history", LONG_ID): ("0.285", "0.085", "2026-10-27"),
    ("upcoming", "--days", "3650"): ("acme/newt-1.5", "2026-11-30"),
    ("compare", LONG_ID, "acme/newt-1.5"): (LONG_ID, "acme/newt-1.5", "0.085", "262144"),
    ("show", LONG_ID): (LONG_ID, "0.085"),
    ("cost", *COST, LONG_ID, "acme/newt-1.5"): (LONG_ID, "$0.00132", "$0.0124"),
    ("cost", *COST, LONG_ID, "--lines"): ("0.000000085", "$0.000085"),
    ("cost", *COST, LONG_ID, "--days", "40", "--start", "2026-10-01"): (LONG_ID, "2026-11"),
    ("status",): ("openrouter",),
}


@pytest.mark.parametrize("arguments", TABLES)
def test_no_id_and_no_amount_is_broken_and_no_line_is_padded(house: House, arguments: tuple[str, ...]) -> None:
    for width in (80, 100):
        shown = on_terminal(width, *arguments, **house.remote)
        assert shown.code == 0, shown.err
        for whole in TABLES[arguments]:
            assert whole in shown.out, shown.out
        lines = shown.out.splitlines()
        assert max(map(cell_len, lines)) <= width, shown.out
        assert [line for line in lines if line != line.rstrip() or not line] == []


def test_what_a_narrow_terminal_has_no_room_for_is_left_out_and_that_is_said(house: House) -> None:
    wide, narrow = on_terminal(200, "list", **house.remote), on_terminal(80, "list", **house.remote)
    assert (NAME in wide.out, wide.err) == (True, "")
    assert "name" not in narrow.out
    assert narrow.err == "Too narrow for: name, output. A wider terminal, a pipe and --format csv have all.\n"


def test_a_pipe_gets_every_value_whole_on_one_line(house: House) -> None:
    listed = llmanac("list", **house.remote, COLUMNS="40")
    assert listed.err == ""
    assert [line for line in listed.out.splitlines() if line != line.rstrip()] == []
    assert [line for line in listed.out.splitlines() if LONG_ID in line and NAME in line and "0.085" in line]


def test_prices_stand_under_each_other_at_their_decimal_points(house: House) -> None:
    _, _, *rows = house.ask("list").out.splitlines()
    prices = [re.findall(r"\d+(?:\.\d+)?(?=  |$)", row)[-2:] for row in rows]
    assert prices == [["0.085", "10"], ["12.3", "0.75"]]
    points = {
        tuple(row.rindex(each) + len(each.partition(".")[0]) for each in pair)
        for row, pair in zip(rows, prices, strict=True)
    }
    assert len(points) == 1, rows


def test_models_that_have_no_room_beside_the_others_are_compared_below_them(house: House) -> None:
    other = on_terminal(60, "compare", LONG_ID, "acme/newt-1.5", **house.remote)
    first, second = other.out.split("\n\n")
    assert (LONG_ID in first, LONG_ID in second) == (True, False)
    assert ("acme/newt-1.5" in first, "acme/newt-1.5" in second) == (False, True)


IDS = st.from_regex(r"[a-z]{1,12}/[a-z0-9.-]{1,30}", fullmatch=True)
NUMBERS = st.decimals(0, 10**9, places=None, allow_nan=False).map("{:f}".format)
TEXTS = st.lists(st.one_of(IDS, NUMBERS, st.text(max_size=40)), max_size=12).map(" ".join)
ROWS = st.lists(st.tuples(IDS, NUMBERS, TEXTS, TEXTS), max_size=5)


@given(ROWS, st.integers(1, 200))
def test_at_any_width_ids_and_numbers_stay_whole_and_lines_are_no_longer(
    rows: list[tuple[str, ...]], width: int
) -> None:
    names = ("id", "price now", "name", "what")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    rooms = {name: room_of(name, cells, whole=name in names[:2]) for name, cells in columns.items()}
    widths = lay_out(rooms, width, ("name", "what"))
    assert [*widths][:2] == ["id", "price now"]
    for name, column_width in widths.items():
        for cell in columns[name]:
            lines = fold(cell, column_width).split("\n")
            assert max(map(cell_len, lines)) <= column_width
            for number in re.findall(r"(?<!\S)(?:[a-z]+/\S+|[0-9]+(?:\.[0-9]+)?)(?!\S)", cell):
                assert [line for line in lines if number in line], (cell, column_width)
    whole = sum(rooms[name].least for name in names[:2]) + GAP
    assert sum(widths.values()) + GAP * (len(widths) - 1) <= max(width, whole)
    left_out = [name for name in names if name not in widths]
    assert left_out == [] or sum(room.least for room in rooms.values()) + 3 * GAP > width


@given(ROWS)
def test_without_an_edge_nothing_is_folded(rows: list[tuple[str, ...]]) -> None:
    cells = [row[2] for row in rows]
    room = room_of("name", cells, whole=False)
    assert lay_out({"name": room}, None, ("name",)) == {"name": room.most}
    assert all(fold(cell, room.most) == "\n".join(cell.splitlines()) for cell in cells)


@given(st.lists(IDS, min_size=1, unique=True), st.integers(1, 120))
def test_blocks_hold_every_column_once_in_order_and_none_is_wider_than_it_must_be(ids: list[str], width: int) -> None:
    rooms = {name: room_of(name, ["x"], whole=False) for name in ("what", *ids)}
    blocks = in_blocks(rooms, ("what",), width)
    assert [name for block in blocks for name in block] == ids
    for block in blocks:
        assert len(block) == 1 or sum(rooms[name].least + GAP for name in ("what", *block)) - GAP <= width


@given(st.lists(NUMBERS))
def test_aligned_numbers_have_their_points_in_one_place_counted_from_the_right(numbers: list[str]) -> None:
    aligned = align_points(numbers)
    assert [cell.rstrip() for cell in aligned] == numbers
    assert len({len(cell) - len(number.partition(".")[0]) for cell, number in zip(aligned, numbers, strict=True)}) <= 1
