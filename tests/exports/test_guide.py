"""The guide says what the exports are."""

from pathlib import Path

from llmanac.answers.export_fields import EXPORTS
from llmanac.render.columns import COLUMNS

GUIDE = (Path(__file__).resolve().parents[2] / "docs/guides/exports.md").read_text(encoding="utf-8")


def test_every_column_is_in_the_guide_in_its_place_and_words() -> None:
    lines = [f"| `{column.name}` | {column.kind} | {column.says} |" for column in COLUMNS]
    assert "\n".join(["| column | cells | |", "|---|---|---|", *lines, ""]) in GUIDE


def test_every_export_is_in_the_guide() -> None:
    for export in EXPORTS.values():
        assert f"| `{export.path}` | `{export.name}` |" in GUIDE
        assert all(path.removesuffix("/api.json") in GUIDE for path in export.also_at)
