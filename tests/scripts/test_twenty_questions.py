"""docs/guides/twenty-questions.md: every answer on it is what a server says and what the raw lists say."""

import ast
import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scripts.twenty_questions import __main__ as command
from scripts.twenty_questions import lists as lists_module
from scripts.twenty_questions import proofs
from scripts.twenty_questions.answered import AnswerDiffersError, Answered, ask, check
from scripts.twenty_questions.asked import MODELS, QUESTIONS, TEXT
from scripts.twenty_questions.lists import STAMPS, Lists, files, instant, read
from scripts.twenty_questions.page import PAGE, page
from scripts.twenty_questions.proofs import Rows
from scripts.twenty_questions.question import Json, Kept, Picked, Question, at
from scripts.twenty_questions.served import Served, served
from tests.build import Record, answer, pricing, record
from tests.needed import lacking
from tests.shared_data import SHARED_DATA

SNAPSHOTS = SHARED_DATA / "snapshots"

MADE: Mapping[str, Sequence[Record]] = {
    "2026-07-02T040756Z": [record(), record(id="acme/gone")],
    "2026-07-13T162846Z": [record(), record(id="acme/cheap", pricing=pricing(prompt="0.0000001"))],
}


@dataclass(frozen=True)
class Real:
    """The server over the real lists, and what it was asked."""

    served: Served
    answered: Sequence[Answered]


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    """Asks all twenty, once."""
    paths = files(SNAPSHOTS)
    with served(paths) as server:
        yield Real(server, [*ask(QUESTIONS, server, read(paths))])


@dataclass(frozen=True)
class House:
    """A server over lists that are made up."""

    served: Served
    lists: Lists


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    paths = [written(tmp_path_factory.mktemp("lists") / f"{stamp}.json.gz", MADE[stamp]) for stamp in MADE]
    with served(paths) as server:
        yield House(server, read(paths))


def written(path: Path, listed: Sequence[Record]) -> Path:
    path.write_bytes(gzip.compress(answer([*listed])))
    return path


def cheapest(lists: Lists) -> Rows:
    return [[model["id"]] for model in sorted(proofs.newest(lists), key=lambda model: proofs.price(model, "prompt"))]


CHEAPEST = Question(
    "What is cheapest?",
    MODELS,
    {"sort": "price"},
    Picked(TEXT, ("id",)),
    cheapest,
    command=("list", "--sort", "price"),
)


@pytest.mark.real_lists
def test_the_page_is_what_the_server_and_the_raw_lists_say(real: Real) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(real.answered), "run `python -m scripts.twenty_questions --write`"


@pytest.mark.real_lists
def test_jq_picks_the_rows_that_were_compared(real: Real) -> None:
    jq = shutil.which("jq")
    if jq is None:
        lacking("needs jq")
    for each in real.answered:
        sent = json.dumps(real.served.answer(each.question))
        done = subprocess.run(
            [jq, "-c", str(each.question.picked)], input=sent, stdout=subprocess.PIPE, encoding="utf-8", check=True
        )
        assert [json.loads(line) for line in done.stdout.splitlines()] == each.rows, each.question.words


def test_there_are_twenty_each_with_a_proof_of_its_own() -> None:
    assert len(QUESTIONS) == 20
    assert len({each.words for each in QUESTIONS}) == 20
    assert len({each.proof for each in QUESTIONS}) == 20


@pytest.mark.parametrize("module", [proofs, lists_module], ids=lambda module: str(module.__name__))
def test_a_proof_reads_the_files_with_the_standard_library_alone(module: object) -> None:
    for node in ast.walk(ast.parse(Path(str(vars(module)["__file__"])).read_text(encoding="utf-8"))):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name == lists_module.__name__ or name.partition(".")[0] in sys.stdlib_module_names, name


def test_an_answer_that_the_lists_confirm_is_shown_with_all_its_rows(house: House) -> None:
    (answered,) = ask([CHEAPEST], house.served, house.lists)
    assert answered.rows == [["acme/cheap"], ["acme/owl-2"]]
    text = page([answered])
    assert (
        '$ curl -s -H "$AUTH" "$LLMANAC/api/ai/models?sort=price" \\\n    | jq -c \'.text[0].models[] | [.id]\'\n'
        in text
    )
    assert '["acme/cheap"]\n["acme/owl-2"]\n```' in text
    assert "| 1 | [What is cheapest?](#1-what-is-cheapest) | 2 |" in text
    assert "def cheapest(lists: Lists) -> Rows:" in text


def test_an_answer_that_the_lists_do_not_confirm_is_an_error(house: House) -> None:
    wrong = replace(CHEAPEST, asked={"sort": "-price"}, command=None)
    with pytest.raises(AnswerDiffersError, match=r"row 1 of the answer: \['acme/owl-2'\]\nof the raw .*'acme/cheap'"):
        list(ask([wrong], house.served, house.lists))


def test_a_command_that_says_something_else_is_an_error(house: House) -> None:
    wrong = replace(CHEAPEST, command=("list", "--sort", "-price"))
    with pytest.raises(AnswerDiffersError, match="llmanac list --sort -price"):
        list(ask([wrong], house.served, house.lists))


def test_a_command_that_fails_is_told_with_its_words(house: House) -> None:
    wrong = replace(CHEAPEST, command=("list", "--sort", "beauty"))
    with pytest.raises(ValueError, match="llmanac list --sort beauty ended with"):
        list(ask([wrong], house.served, house.lists))


def test_a_refusal_is_no_answer(house: House) -> None:
    wrong = replace(CHEAPEST, asked={"sort": "beauty"})
    with pytest.raises(AnswerDiffersError, match="Bad Request"):
        list(ask([wrong], house.served, house.lists))


@pytest.mark.parametrize(
    ("rows", "proved"),
    [
        ([["a"]], [["a"], ["b"]]),
        ([["a"], ["b"]], [["a"]]),
        ([["a"], ["b"]], [["b"], ["a"]]),
        ([[1]], [[True]]),
        ([["1"]], [[1]]),
        ([], []),
    ],
)
def test_rows_are_compared_to_the_last_one_in_order_and_by_kind(rows: Rows, proved: Rows) -> None:
    with pytest.raises(AnswerDiffersError):
        check("Which?", rows, proved)
    check("Which?", [["a", 1, None]], [["a", 1, None]])


@pytest.mark.parametrize(
    ("kept", "rows"),
    [
        (Kept("a", "<=", "2"), ["1", "2"]),
        (Kept("a", ">=", "2"), ["2", "3"]),
        (Kept("a", ">=", 2), [2, 3]),
        (Kept("a", "==", value=False), [False]),
    ],
)
def test_rows_are_kept_by_members_of_the_same_kind(kept: Kept, rows: list[Json]) -> None:
    sent: Json = {"all": [{"a": each} for each in ("1", "2", "3", 1, 2, 3, None, True, False)]}
    assert Picked("all", ("a",), kept).of(sent) == [[each] for each in rows]


def test_a_path_leads_through_members_and_places_and_ends_where_nothing_is() -> None:
    sent: Json = {"a": [{"b": {"c": 1}}]}
    assert at(sent, "a[0].b.c") == 1
    assert at(sent, "") == sent
    assert [at(sent, path) for path in ("a[1].b", "b.c", "a[0].b.c.d")] == [None, None, None]
    assert Picked("", ("a[0].b", "x")).of(sent) == [[{"c": 1}, None]]
    assert str(Picked("a", ("b.c", "d"), Kept("b", ">=", 1))) == ".a[] | select(.b >= 1) | [.b.c, .d]"


def test_the_instant_of_a_list_is_its_name_as_answers_spell_it() -> None:
    assert instant(Path("2026-08-05T031528Z.json.gz")) == "2026-08-05T03:15:28Z"


def test_without_the_lists_the_command_says_so_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "page.md"
    target.write_text("kept", encoding="utf-8")
    written(tmp_path / f"{STAMPS[0]}.json.gz", [record()])
    assert command.main([str(tmp_path), "--write"], target) == 2
    words = capsys.readouterr().err
    assert STAMPS[1] in words
    assert "Nothing was written" in words
    assert target.read_text(encoding="utf-8") == "kept"


def test_with_a_list_that_is_none_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for stamp in STAMPS:
        (tmp_path / f"{stamp}.json.gz").write_bytes(b"no list")
    assert command.main([str(tmp_path)]) == 2
    assert "cannot be imported" in capsys.readouterr().err


def test_a_wrong_answer_is_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def differing(_: Path) -> str:
        check("Which?", [["a"]], [["b"]])
        return "a page"

    monkeypatch.setattr(command, "made", differing)
    assert command.main(["--write"], tmp_path / "page.md") == 1
    assert "row 1 of the answer: ['a']\nof the raw lists: ['b']" in capsys.readouterr().err
    assert not (tmp_path / "page.md").exists()
