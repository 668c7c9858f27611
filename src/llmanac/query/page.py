"""A part of what was found."""

import msgspec

from llmanac.query.row import Row


class Page(msgspec.Struct, frozen=True):
    """Rows in the order asked for. `total` counts all that the filters leave, `offset` those before this page."""

    rows: tuple[Row, ...]
    total: int
    offset: int

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins, or None when this is the last."""
        after = self.offset + len(self.rows)
        return after if self.rows and after < self.total else None
