"""Questions to the catalogue's endpoint, and what one says of a model's record as plain as can be."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx2

from tests.serving import Served
from tests.web.steps import IDENTITY, PATH

Model = Mapping[str, Any]
Pick = Callable[[Model], bool]


def answer(served: Served, query: str = "", **asked: object) -> httpx2.Response:
    """Whatever comes back, uncompressed. `query` is sent as it is."""
    parameters = {name: str(value) for name, value in asked.items()}
    return served.http.get(f"{PATH}?{query}" if query else PATH, params=parameters or None, headers=IDENTITY)


def found(served: Served, query: str = "", **asked: object) -> httpx2.Response:
    """An answer that is a list."""
    given = answer(served, query, **asked)
    assert given.status_code == 200, given.text
    return given


def models(given: httpx2.Response, group: str = "text") -> list[dict[str, Any]]:
    """The models of one list of an answer."""
    (only,) = given.json()[group]
    rows: list[dict[str, Any]] = only["models"]
    return rows


def ids(given: httpx2.Response, group: str = "text") -> list[str]:
    """Their ids, in order."""
    return [row["id"] for row in models(given, group)]


def both(given: httpx2.Response) -> tuple[list[str], list[str]]:
    """The ids of both lists."""
    return ids(given), ids(given, "image")


def next_page(served: Served, given: httpx2.Response) -> httpx2.Response | None:
    """The page that `Link` calls the next, None on the last."""
    link = given.links.get("next")
    if link is None:
        return None
    address = httpx2.URL(str(given.url)).join(link["url"])
    following = served.http.get(address, headers=IDENTITY)
    assert following.status_code == 200, following.text
    return following


def per_million(model: Model, rate: str) -> Decimal | None:
    """USD per million; None when the price is not stated or decided per request."""
    text = model["pricing"][rate]
    try:
        amount = None if text is None else Decimal(text)
    except InvalidOperation:
        return None
    return None if amount is None or amount < 0 else amount * 1_000_000


def price_state(model: Model) -> str:
    """Of prompt and completion together, as the filter calls it."""
    texts = [model["pricing"]["prompt"], model["pricing"]["completion"]]
    if any(text is not None and Decimal(text) < 0 for text in texts):
        return "dynamic"
    if None in texts:
        return "unknown"
    return "free" if all(Decimal(text) == 0 for text in texts) else "paid"


def age(model: Model, at: datetime) -> int | None:
    """Whole days."""
    if model["created"] is None:
        return None
    return (at - datetime.fromtimestamp(model["created"], UTC)).days


def ordered(rows: Sequence[Model], key: Callable[[Model], Any], *, descending: bool = False) -> list[str]:
    """Ids by a value, ties by id, what has none last either way."""
    by_id = sorted(rows, key=lambda row: row["id"])
    known = [row for row in by_id if key(row) is not None]
    known.sort(key=key, reverse=descending)
    return [row["id"] for row in (*known, *(row for row in by_id if key(row) is None))]
