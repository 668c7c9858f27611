"""What `make clients` installs is pinned by hash, from wherever a user's registry is."""

import json
import re
from pathlib import Path

import pytest

PINS = Path(__file__).resolve().parents[2] / "requirements" / "clients"
PINNED = sorted(PINS.glob("*.txt"))
LOCKED = sorted(PINS.glob("*/package-lock.json"))


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
def test_every_python_package_has_a_version_and_hashes_and_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert packages
    assert [package for package in packages if "==" not in package or "--hash=sha256:" not in package] == []
    assert "://" not in text
    assert path.with_suffix(".in").exists()


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.parent.name)
def test_every_node_package_has_a_version_and_a_hash_and_no_address(path: Path) -> None:
    packages = json.loads(path.read_bytes())["packages"]
    assert len(packages) > 1
    installed = {name: package for name, package in packages.items() if name}
    assert [name for name, package in installed.items() if not {"version", "integrity"} <= package.keys()] == []
    assert [name for name, package in installed.items() if "resolved" in package] == []


def test_there_are_pins_of_every_client() -> None:
    assert {path.stem for path in PINNED} == {"genai-prices", "insforge", "litellm", "openai", "openai-1", "openrouter"}
    assert {path.parent.name for path in LOCKED} == {"openai-js", "openrouter-js"}
