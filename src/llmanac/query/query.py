"""What is asked of a list, read once."""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

import msgspec

from llmanac.catalogue.money import parse_price, plain
from llmanac.errors import InvalidParameter
from llmanac.query.read import read_sort, read_words
from llmanac.query.sort_names import SortKey

_EVERY = "all"
_PAIRS = (
    ("min_price", "max_price"),
    ("min_output_price", "max_output_price"),
    ("min_age_days", "max_age_days"),
)
_PAGING = frozenset({"offset", "limit"})


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Filters, order and page; each is named as its parameter. Empty and None are "not asked".

    Prices are USD per million tokens, exact. `sort` empty is the best match first with `q`, else upstream's order;
    `limit` None is all.
    """

    q: str = ""
    ids: frozenset[str] = frozenset()
    model_authors: frozenset[str] = frozenset()
    """Folded, as all words that are compared without regard to capitals."""
    input_modalities: frozenset[str] = frozenset()
    output_modalities: frozenset[str] = frozenset()
    supported_parameters: frozenset[str] = frozenset()
    arch: frozenset[str] = frozenset()
    variant: frozenset[str] = frozenset()
    price_state: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    context: int | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    min_output_price: Decimal | None = None
    max_output_price: Decimal | None = None
    min_age_days: int | None = None
    max_age_days: int | None = None
    sort: tuple[SortKey, ...] = ()
    offset: int = 0
    limit: int | None = None

    @property
    def narrows(self) -> bool:
        """Whether any filter is asked."""
        return any(value not in (None, "", frozenset()) for name, value in self._asked() if name != "sort")

    @property
    def asks_age(self) -> bool:
        """Whether rows depend on what their ages are counted from."""
        return self.min_age_days is not None or self.max_age_days is not None

    @property
    def digest(self) -> str:
        """Hexadecimal, the same for the same filters and order, whatever the page; good over releases and machines."""
        asked = {name: _written(value) for name, value in self._asked() if value not in (None, "", frozenset(), ())}
        return sha256(msgspec.json.encode(asked, order="sorted")).hexdigest()

    def _asked(self) -> list[tuple[str, object]]:
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in _PAGING]


def _written(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return plain(value) if isinstance(value, Decimal) else value


def read_query(values: Mapping[str, str]) -> Query:
    """Values as `parse_query` has checked them; a name that is missing or `""` is not asked, others are passed over.

    Raises:
        InvalidParameter: Two values exclude each other.
    """
    given = {name: value for name, value in values.items() if value}
    _check_together(given)

    def words(name: str) -> frozenset[str]:
        return frozenset(word.casefold() for word in read_words(given.get(name, "")))

    def price(name: str) -> Decimal | None:
        return parse_price(given[name]).amount if name in given else None

    def whole(name: str) -> int | None:
        return int(given[name]) if name in given else None

    outputs = words("output_modalities")
    return Query(
        q=given.get("q", "").strip() or given.get("q", ""),
        ids=frozenset(read_words(given.get("ids", ""))),
        model_authors=words("model_authors"),
        input_modalities=words("input_modalities"),
        output_modalities=frozenset() if _EVERY in outputs else outputs,
        supported_parameters=words("supported_parameters"),
        arch=words("arch"),
        variant=words("variant"),
        price_state=words("price_state"),
        status=words("status"),
        context=whole("context"),
        min_price=price("min_price"),
        max_price=price("max_price"),
        min_output_price=price("min_output_price"),
        max_output_price=price("max_output_price"),
        min_age_days=whole("min_age_days"),
        max_age_days=whole("max_age_days"),
        sort=read_sort(given.get("sort", "")),
        offset=whole("offset") or 0,
        limit=whole("limit"),
    )


def _check_together(given: Mapping[str, str]) -> None:
    for least, most in _PAIRS:
        if least in given and most in given and parse_price(given[least]).amount > parse_price(given[most]).amount:
            raise InvalidParameter(
                f"{least}, {most}: Expected {least} to be at most {most}, got {given[least]} and {given[most]}",
                hint=f"Swap the two, or send only one of {least} and {most}.",
                parameter=least,
            )
    if "cursor" in given and "offset" in given:
        raise InvalidParameter(
            "cursor, offset: Expected one of them, got both",
            hint="A cursor says where its page begins: send it without offset.",
            parameter="offset",
        )
