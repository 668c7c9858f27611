"""Pieces of Markdown, with every text escaped for where it stands."""

from collections.abc import Iterable, Sequence


def page(title: str, made_from: str, *parts: str) -> str:
    """A whole page: title, where it comes from, and its parts with one empty line between them."""
    note = f"<!-- Made by `make docs` from {made_from}; changes made here are lost. -->"
    return "\n\n".join([note, f"# {title}", *(part.strip("\n") for part in parts if part.strip())]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; `""` when there are no rows."""
    lines = [_line(row) for row in rows]
    return "\n".join([_line(columns), _line(["---"] * len(columns)), *lines]) if lines else ""


def code(text: str) -> str:
    """Inline code; nothing for nothing."""
    return f"`{text}`" if text else ""


def fence(text: str, language: str) -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```"


def one_line(text: str | None) -> str:
    """A docstring's text without its line breaks."""
    return " ".join((text or "").split())


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(one_line(cell).replace("|", "\\|") for cell in cells) + " |"
