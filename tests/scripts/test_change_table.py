"""The figures of docs/concepts/causes.md: counted right on lists made for it, and on the page as they are made."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from llmanac.catalogue.change import Cause, ChangeKind
from scripts.change_table import __main__ as command
from scripts.change_table.examples import examples
from scripts.change_table.figures import Fate, Figures, figures
from scripts.change_table.filled import filled, lists_of
from scripts.change_table.page import BEGIN, END, PAGE, made_part, with_made_part
from scripts.change_table.pairs import Part
from scripts.change_table.rules import Rule
from scripts.change_table.tables import markdown
from scripts.change_table.windows import made_up
from tests.build import Record, answer, architecture, pricing, record
from tests.shared_data import SHARED_DATA

STAMP = re.compile(r"`\d{4}-\d\d-\d\dT\d{6}Z`")

IMAGES = record(id="acme/brush", architecture=architecture(("text",), ("image",)))
"""Only a list of every modality holds it."""

TEXT: dict[str, Sequence[Record]] = {
    "2026-05-01T000000Z": [record(), record(id="acme/gone")],
    "2026-06-01T000000Z": [record(context_length=1, hugging_face_id="")],
    "2026-06-20T000000Z": [record(id="acme/silent")],
}
ALL: dict[str, Sequence[Record]] = {
    "2026-06-08T000000Z": [IMAGES, record(benchmarks={"elo": 1, "arena": [{"rank": 1}]}), record(id="acme/seldom")],
    "2026-06-09T000000Z": [
        IMAGES,
        record(benchmarks={"elo": 2, "arena": [{"rank": 2}]}, pricing=pricing(prompt="0.1")),
    ],
    "2026-06-10T000000Z": [IMAGES, record(), record(id="acme/seldom", expiration_date="2026-06-11")],
    "2026-06-11T000000Z": [IMAGES, record(context_length=5)],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lists of both scopes, a seam between them, and one after it that is narrower."""
    for name, lists in {"monthly": TEXT, "daily": ALL}.items():
        (tmp_path / name).mkdir()
        for instant, listed in lists.items():
            (tmp_path / name / f"{instant}.json.gz").write_bytes(gzip.compress(answer([*listed])))
    return tmp_path


@pytest.fixture
def counted(folder: Path) -> Figures:
    with filled(lists_of(folder)) as found:
        return figures(found)


@pytest.fixture(scope="session")
def real() -> Iterator[Figures]:
    """Those of the real lists."""
    with filled(lists_of(SHARED_DATA / "snapshots")) as found:
        yield figures(found)


def test_every_list_is_in_one_part_but_a_narrower_one_after_the_seam(counted: Figures) -> None:
    assert counted.lists == {Part.FIRST: 1, Part.TEXT: 1, Part.SEAM: 1, Part.ALL: 3}
    assert counted.fetches == 7


def test_raw_differences_are_json_values_by_member(counted: Figures) -> None:
    assert counted.raw == {
        Part.FIRST: {"+": 2},
        Part.TEXT: {"-": 1, "context_length": 1, "hugging_face_id": 1},
        Part.SEAM: {"+": 2, "context_length": 1, "hugging_face_id": 1, "benchmarks": 2},
        Part.ALL: {"+": 1, "-": 2, "benchmarks": 4, "pricing": 2, "context_length": 1},
    }


def test_changes_come_from_the_store_with_their_labels(counted: Figures) -> None:
    found = Counter((each.part, each.change.kind, each.label) for each in counted.seen if each.part is Part.ALL)
    assert found == {
        (Part.ALL, ChangeKind.REMOVED, Cause.FLAP): 1,
        (Part.ALL, ChangeKind.RETURNED, Cause.FLAP): 1,
        (Part.ALL, ChangeKind.PRICE, Cause.FLAP): 2,
        (Part.ALL, ChangeKind.EXPIRY_ANNOUNCED, Cause.REAL): 1,
        (Part.ALL, ChangeKind.REMOVED, Cause.REAL): 1,
        (Part.ALL, ChangeKind.CONTEXT, Cause.REAL): 1,
    }
    assert {each.label for each in counted.seen if each.part in {Part.FIRST, Part.SEAM}} == {Cause.SCOPE}
    assert [each.change.field for each in counted.seen if each.beside_return] == ["expiration_date"]


def test_every_representation_names_the_rules_that_fit_it(counted: Figures) -> None:
    found = {each.change.field: each.rules for each in counted.seen if each.label is Cause.REPRESENTATION}
    assert found == {"hugging_face_id": {Rule.EMPTY}}


def test_a_removal_is_followed_to_its_end(counted: Figures) -> None:
    assert [(each.part, each.announced, each.fate) for each in counted.left] == [
        (Part.TEXT, False, Fate.OPEN),
        (Part.ALL, False, Fate.TAKEN_BACK),
        (Part.ALL, True, Fate.ON_ITS_DAY),
    ]


def test_flaps_are_shown_as_the_leaving_and_the_return(counted: Figures) -> None:
    shown = examples(counted.seen, Cause.FLAP)
    assert [(each.change.kind, each.change.after is None) for each in shown] == [
        (ChangeKind.PRICE, False),
        (ChangeKind.PRICE, False),
        (ChangeKind.REMOVED, True),
        (ChangeKind.RETURNED, False),
    ]
    assert shown[0].change.before == shown[1].change.after


def test_the_lists_that_were_made_up_differ_by_the_window_in_force_alone() -> None:
    found = made_up()
    assert {each.label for each in found} == {Cause.WINDOW}
    assert [each.change.field for each in found] == ["pricing.completion", "pricing.input_cache_read", "pricing.prompt"]


def test_the_tables_say_which_lists_to_look_into(counted: Figures) -> None:
    page = markdown(counted, made_up())
    assert "| raw differences | 2 | 3 | 6 | 10 | 21 |" in page
    assert "Lists that are text only and come after the seam are compared with nothing: 1." in page
    prompt = '`acme/owl-2` | `pricing.prompt` | `"0.0000004"` | `"0.1"` |'
    assert f"| `2026-06-08T000000Z` | `2026-06-09T000000Z` | {prompt}" in page


def test_no_text_of_upstream_is_shown(folder: Path) -> None:
    longer = record(description="An invented model that  sees at night.")
    (folder / "daily" / "2026-06-12T000000Z.json.gz").write_bytes(gzip.compress(answer([IMAGES, longer])))
    with filled(lists_of(folder)) as found:
        page = markdown(figures(found), ())
    assert "| 38 characters | 37 characters |" in page or "| 37 characters | 38 characters |" in page
    assert "sees at night" not in page


def test_the_command_prints(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(folder)]) == 0
    assert capsys.readouterr().out.startswith("### From raw differences to real changes\n")


def test_the_command_writes_between_the_comments_only(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "causes.md"
    page.write_text(f"# Causes\n\n{BEGIN}\n\nstale\n\n{END}\n\nthe end\n", encoding="utf-8")
    assert command.main([str(folder), "--write"], page) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Causes\n\n{BEGIN}\n\n### From raw")
    assert text.endswith(f"\n\n{END}\n\nthe end\n")
    assert "stale" not in text
    assert command.main([str(folder), "--write"], page) == 0
    assert page.read_text(encoding="utf-8") == text


def test_without_lists_the_command_says_so_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "causes.md"
    page.write_text(f"{BEGIN}\n\nkept\n\n{END}\n", encoding="utf-8")
    assert command.main([str(tmp_path / "nowhere"), "--write"], page) == 2
    assert "nothing was written" in capsys.readouterr().err.lower()
    assert made_part(page.read_text(encoding="utf-8")) == "kept"


def test_a_page_without_its_comments_is_refused() -> None:
    with pytest.raises(ValueError, match="once each"):
        with_made_part(f"{END}\n{BEGIN}", "figures")


@pytest.mark.real_lists
def test_the_page_holds_what_the_rules_make_of_the_real_lists(real: Figures) -> None:
    made = markdown(real, made_up())
    assert made_part(PAGE.read_text(encoding="utf-8")) == made, "run `python -m scripts.change_table --write`"


@pytest.mark.real_lists
def test_the_values_of_every_example_stand_in_the_files_it_names() -> None:
    checked = 0
    for stamps, model, field, sides in shown_examples(PAGE.read_text(encoding="utf-8")):
        for stamp, side in zip(stamps, sides, strict=True):
            if stamp != "none" and not stamp.startswith("2026-10-26") and "[" not in field:
                assert stated(stamp, model, field) == side, (stamp, model, field)
                checked += 1
    assert checked > 60


def shown_examples(page: str) -> Iterator[tuple[list[str], str, str, list[str]]]:
    """Each row that names two lists: their instants, the model, the field (empty: the model itself), both values."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        before_at = next((place for place, cell in enumerate(cells) if cell == "none" or STAMP.fullmatch(cell)), None)
        if before_at is not None and len(cells) == before_at + 6:
            first, second, model, field, *sides = (cell.strip("`") for cell in cells[before_at:])
            yield [first, second], model, "" if field in {"added", "removed", "returned"} else field, sides


def stated(stamp: str, model: str, field: str) -> str:
    """What a file says of a model, in the words of the page; read by nothing of the product."""
    path = next(SHARED_DATA.glob(f"snapshots/*/{stamp}.json.gz"), SHARED_DATA / "snapshots" / stamp)
    document = json.loads(gzip.decompress(path.read_bytes()), parse_float=str)
    rows = document if isinstance(document, list) else document["data"]
    found = next((row for row in rows if row["id"] == model), None)
    if not field:
        return "not listed" if found is None else "listed"
    assert found is not None
    for name in field.split("."):
        if name not in found:
            return "not there"
        found = found[name]
    return f"{len(found)} characters" if field == "description" else json.dumps(found, separators=(",", ":"))


@pytest.mark.real_lists
def test_no_difference_of_the_real_lists_is_without_its_change(real: Figures) -> None:
    """Counted by member, where a member's values are changes of their own; `+` and `-` are whole models."""
    changes = {part: Counter[str]() for part in Part}
    for each in real.seen:
        if not each.beside_return:
            whole = "-" if each.change.after is None else "+"
            changes[each.part][each.change.field.partition(".")[0].partition("[")[0] or whole] += 1
    # One object with two values, and entries that have no place of their own.
    merged = {"alias_target", "pricing"}
    for part, raw in real.raw.items():
        assert {name: count for name, count in raw.items() if name not in merged | {"benchmarks"}} == {
            name: count for name, count in changes[part].items() if name not in merged
        }
        assert all(raw.get(name, 0) >= changes[part][name] for name in merged)
