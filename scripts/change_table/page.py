"""The figures' place in a page: between two comments."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "causes.md"

BEGIN = "<!-- Made by `python -m scripts.change_table --write`; changes made here are lost. -->"
END = "<!-- End of what is made. -->"


def made_part(page: str) -> str:
    """What stands between the comments.

    Raises:
        ValueError: They are not there, once each and in their order.
    """
    return _parted(page)[1]


def with_made_part(page: str, made: str) -> str:
    """The page with this between the comments, and an empty line on either side."""
    before, _, after = _parted(page)
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def _parted(page: str) -> tuple[str, str, str]:
    before, begin, rest = page.partition(BEGIN)
    made, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"Expected {BEGIN} and then {END}, once each")
    return before, made.strip("\n"), after
