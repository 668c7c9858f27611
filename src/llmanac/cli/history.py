"""`llmanac history MODEL`: when it was listed, what it cost from when to when, what changed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

import msgspec
import typer

from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.money import parse_price
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import option, query_of
from llmanac.cli.changes import exact_row, percent_words, value_words
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text, write_rows
from llmanac.cli.prices import words_of
from llmanac.errors import InvalidParameter
from llmanac.query.fields import CAUSE, HISTORY_FIELDS, SINCE, UNTIL
from llmanac.render.changes import ShownChange
from llmanac.render.history import ConditionalPrice, ModelHistory, PriceInterval

_COLUMNS = ("what", "from", "to", "field", "value", "%", "cause")
_Row = Mapping[str, object]


def history(
    model: Annotated[str, typer.Argument(help="Its id, listed or not.")],
    since: Annotated[str | None, option(SINCE)] = None,
    until: Annotated[str | None, option(UNTIL)] = None,
    cause: Annotated[str, option(CAUSE)] = CAUSE.default,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Show when a model was listed, its prices and its changes. In CSV and JSON prices are exact, in USD per unit."""
    if "/" not in model:
        raise InvalidParameter(f"MODEL: Expected an id such as author/slug, got {model[:60]!r}")
    query = query_of({"since": since, "until": until, "cause": cause})
    body = _ask_server(server, token, model, query) if server else _read_local(model, query)
    shown = read_answer(body, ModelHistory)
    if output is Format.JSON:
        write_json_text(body)
    else:
        write_rows([*_rows(shown, exact=output is Format.CSV)], _COLUMNS, output, right=("%",))
    if shown.next is not None:
        say(f"There are more changes: llmanac changes --model {model} --cause {cause} --cursor {shown.next}")


def _ask_server(server: str, token: str | None, model: str, query: str) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.get(f"/api/ai/models/{quote(model, safe='/:~')}/history?{query}")


def _read_local(model: str, query: str) -> bytes:
    from llmanac.cli.local import local_parts  # noqa: PLC0415  slow
    from llmanac.query.parse import parse_query  # noqa: PLC0415  as above
    from llmanac.web.history import make_history  # noqa: PLC0415  as above

    asked = parse_query(query, HISTORY_FIELDS)
    with local_parts() as parts:
        return msgspec.json.encode(make_history(parts, ModelId(model), asked))


def _rows(shown: ModelHistory, *, exact: bool) -> Iterator[_Row]:
    """The lifetime, the prices of each rate with their mean, then the changes: one table."""
    for period in shown.lifetime:
        yield _row("listed", period.begins, period.ends, exact=exact)
    for rate in shown.prices:
        for interval in rate.intervals:
            value = _interval(rate.rate, interval, exact=exact)
            yield _row("price", interval.begins, interval.ends, rate.rate, value, exact=exact)
        if rate.mean is not None:
            yield _row(
                "mean", shown.begins, shown.ends, rate.rate, _price(rate.rate, rate.mean, exact=exact), exact=exact
            )
    for change in shown.changes:
        yield _change(change, exact=exact)


def _row(
    what: str,
    begins: datetime | None,
    ends: datetime | None,
    field: str | None = None,
    value: str | None = None,
    *,
    exact: bool,
) -> dict[str, object]:
    return {
        "what": what,
        "from": _instant(begins, exact=exact),
        "to": _instant(ends, exact=exact),
        "field": field,
        "value": value,
    }


def _instant(instant: datetime | None, *, exact: bool) -> str | None:
    if instant is None:
        return None
    return instant.isoformat().replace("+00:00", "Z") if exact else f"{instant:%Y-%m-%d %H:%M}"


def _interval(rate: str, interval: PriceInterval, *, exact: bool) -> str:
    base = _price(rate, interval.price, exact=exact)
    conditional = [
        f"{_price(rate, each.price, exact=exact)} {_conditions(each)}".strip() for each in interval.conditional
    ]
    return "; ".join([base, *conditional] if interval.due or not conditional else conditional)


def _price(rate: str, text: str | None, *, exact: bool) -> str:
    if exact:
        return text or ""
    return words_of(rate, None if text is None else parse_price(text))


def _conditions(price: ConditionalPrice) -> str:
    words = [f"above {price.more_than_tokens} tokens"] if price.more_than_tokens is not None else []
    if price.windows:
        words.append(f"at {', '.join(f'{_clock(each.begins)}-{_clock(each.ends)}' for each in price.windows)} UTC")
    return " and ".join([*words, *(f"if {condition}" for condition in price.unknown)])


def _clock(minute: int) -> str:
    """A minute of the week; the week's end is its beginning."""
    day, rest = divmod(minute, 1440)
    return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[day % 7]} {rest // 60:02}:{rest % 60:02}"


def _change(change: ShownChange, *, exact: bool) -> _Row:
    if exact:
        row = exact_row(change)
        before, after, percent = row["before"], row["after"], change.percent
    else:
        before, after = value_words(change)
        percent = percent_words(change.percent)
    value = f"{before or '–'} → {after or '–'}" if change.field else change.name
    told = _row(change.kind.value, change.since_at, change.seen_at, change.field or None, value, exact=exact)
    return told | {"%": percent, "cause": change.cause.value}
