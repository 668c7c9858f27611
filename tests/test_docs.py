"""What is written is true: the reference follows the code, links lead somewhere, named things exist, layers hold."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from llmanac.cli.main import make_app
from llmanac.settings import SECRETS, Settings, environment_names
from scripts.reference import __main__ as reference
from scripts.reference.commands import commands
from scripts.reference.http import openapi_document

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?://|mailto:)([^)\s]+)\)")
VARIABLE = re.compile(r"\b(?:LLMANAC|OPENROUTER)_[A-Z_]*[A-Z]\b")

KNOWN_VARIABLES = (
    {name for field in Settings.model_fields for name in environment_names(field)}
    | {f"{name}_FILE" for field in SECRETS for name in environment_names(field)}
    | {"LLMANAC_SERVER", "LLMANAC_CONFIG", "LLMANAC_MOVE_TO", "LLMANAC_MOVE_TO_FILE", "LLMANAC_TEST_POSTGRES"}
)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    prose = re.sub(r"^```.*?^```", "", text_of(path), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_reference_is_what_the_code_says() -> None:
    assert reference.main(["--check"]) == 0, "run `make docs`"


def test_a_stale_page_is_named_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main([], tmp_path) == 0
    assert reference.main(["--check"], tmp_path) == 0
    (tmp_path / "settings.md").write_text("# Settings\n", encoding="utf-8")
    (tmp_path / "http.md").unlink()
    capsys.readouterr()
    assert reference.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert [line.split()[0] for line in said.splitlines()[:2]] == [
        "docs/reference/settings.md",
        "docs/reference/http.md",
    ]
    assert said.endswith("\n\nhint: make docs\n")


def test_every_setting_command_and_route_is_in_the_reference() -> None:
    settings = text_of(ROOT / "docs/reference/settings.md")
    assert [name for name in KNOWN_VARIABLES - {"LLMANAC_TEST_POSTGRES"} if f"`{name}`" not in settings] == []
    told = text_of(ROOT / "docs/reference/commands.md")
    assert [path for path, _ in commands(make_app()) if f"\n## `{path}`\n" not in told] == []
    routes = msgspec.json.decode(openapi_document(), type=dict[str, msgspec.Raw])["paths"]
    served = msgspec.json.decode(routes, type=dict[str, dict[str, msgspec.Raw]])
    http = text_of(ROOT / "docs/reference/http.md")
    assert served["/api/ai/models"].keys() == {"get", "head"}
    headings = {f"\n## `{method.upper()} {path}`\n" for path, methods in served.items() for method in methods}
    assert {heading for heading in headings if heading not in http} == set()


def test_the_reference_holds_nothing_of_the_machine_it_was_made_on() -> None:
    for page in ROOT.glob("docs/reference/*.md"):
        assert [place for place in (ROOT, Path.home() / ".local") if str(place) in text_of(page)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(text_of(page)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    called = re.compile(r"(?:`|\$ |&& )(?:[A-Z_]+=\S+ )*make ([a-z-]+)")
    named = {(page.name, word) for page in PAGES for word in called.findall(text_of(page))}
    assert {(page, word) for page, word in named if word not in targets} == set()
    assert {word for page, word in named if page == "README.md"} >= {"serve", "test"}


def test_every_setting_and_command_that_is_named_exists() -> None:
    known = {path.split()[1] for path, _ in commands(make_app())}
    for page in PAGES:
        text = text_of(page)
        assert {name for name in VARIABLE.findall(text) if name not in KNOWN_VARIABLES} == set(), page
        named = re.findall(r"(?:`|\$ |\(|/bin/)llmanac ([a-z]+)", text)
        assert {word for word in named if word not in known} == set(), page


def test_imports_go_down_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
