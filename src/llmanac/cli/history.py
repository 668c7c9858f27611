"""`llmanac history MODEL`: when it was listed, what it cost from when to when, what changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from shlex import quote as quoted
from typing import Annotated
from urllib.parse import quote

import msgspec
import typer

from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.money import parse_price
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import option, query_of
from llmanac.cli.changes import NOTHING, change_words, exact_row, field_words, percent_words, what_words
from llmanac.cli.looking_up import full_ids
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text, write_rows
from llmanac.cli.prices import mean_words, words_of
from llmanac.cli.week import apart, week_words
from llmanac.query.fields import CAUSE, HISTORY_FIELDS, HISTORY_LIMIT, KIND, SINCE, UNTIL
from llmanac.render.changes import ShownChange
from llmanac.render.history import ConditionalPrice, ModelHistory, PriceInterval, RateHistory, WeekWindow

_COLUMNS = ("what", "from", "to", "field", "value", "%", "cause")
_EXACT_COLUMNS = (*_COLUMNS, "certainty")
_Row = Mapping[str, object]


def history(
    model: Annotated[str, typer.Argument(help="Its id, listed or not.")],
    since: Annotated[str | None, option(SINCE)] = None,
    until: Annotated[str | None, option(UNTIL)] = None,
    kind: Annotated[str | None, option(KIND)] = None,
    cause: Annotated[str, option(CAUSE)] = CAUSE.default,
    limit: Annotated[str | None, option(HISTORY_LIMIT)] = None,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Show when a model was listed, its prices and its changes. In CSV and JSON prices are exact, in USD per unit."""
    (model,) = full_ids([model], server, token)
    given = {"since": since, "until": until, "kind": kind, "cause": cause}
    query = query_of({**given, "limit": limit})
    body = _ask_server(server, token, model, query) if server else _read_local(model, query)
    shown = read_answer(body, ModelHistory)
    if output is Format.JSON:
        write_json_text(body)
    elif output is Format.CSV:
        write_rows([*_rows(shown, exact=True)], _EXACT_COLUMNS, output)
    else:
        write_rows([*_rows(shown, exact=False)], _COLUMNS, output, right=("%",), may_go=("cause",))
    if not shown.lifetime and not shown.changes:
        say(f"No list with {model} was saved yet: the one that comes with llmanac has no history. `llmanac sync` and")
        say("`llmanac import` begin one.")
    if shown.next is not None:
        order = None if since is None else "oldest"
        asked = {"model": model, **given, "order": order, "cursor": shown.next}
        words = " ".join(f"--{name} {quoted(text)}" for name, text in asked.items() if text is not None)
        say(f"There are more changes: llmanac changes {words}")


def _ask_server(server: str, token: str | None, model: str, query: str) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.get(f"/api/ai/models/{quote(model, safe='/:~')}/history?{query}")


def _read_local(model: str, query: str) -> bytes:
    from llmanac.answers.model_history import model_history  # noqa: PLC0415  as above
    from llmanac.cli.local import local_answers  # noqa: PLC0415  slow
    from llmanac.query.parse import parse_query  # noqa: PLC0415  as above

    asked = parse_query(query, HISTORY_FIELDS)
    with local_answers() as context:
        return msgspec.json.encode(model_history(context, ModelId(model), asked))


def _rows(shown: ModelHistory, *, exact: bool) -> Iterator[_Row]:
    """The lifetime, the prices of each rate with their mean, then the changes: one table."""
    for period in shown.lifetime:
        yield _row("listed", period.begins, period.ends, exact=exact)
    for rate in shown.prices:
        if not exact and not any(interval.price or interval.conditional for interval in rate.intervals):
            continue
        for interval in rate.intervals:
            value = _interval(rate.rate, interval, exact=exact)
            yield _row("price", interval.begins, interval.ends, rate.rate, value, exact=exact)
        # One price needs no mean for eyes.
        if rate.mean is not None and (exact or rate.min != rate.max):
            yield _row("mean", *_priced(shown), rate.rate, _mean(rate, exact=exact), exact=exact)
    for change in shown.changes:
        yield _change(change, exact=exact)


def _priced(shown: ModelHistory) -> tuple[datetime | None, datetime | None]:
    """The part of the range that means are made from: before the model came and after it left there are no prices."""
    first, last = shown.lifetime[0].begins, shown.lifetime[-1].ends
    begins = first if shown.begins is None else max(shown.begins, first)
    return begins, shown.ends if last is None else min(shown.ends, last)


def _mean(rate: RateHistory, *, exact: bool) -> str:
    if exact:
        return rate.mean or ""
    least, greatest = (_price(rate.rate, text, exact=False) for text in (rate.min, rate.max))
    return f"{mean_words(rate.rate, rate.mean or '')}, from {least} to {greatest}"


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
        f"{_price(rate, each.price, exact=exact)} {_conditions(each)}".strip() for each in _joined(interval.conditional)
    ]
    return "; ".join([base, *conditional] if interval.due or not conditional else conditional)


def _joined(prices: Sequence[ConditionalPrice]) -> Sequence[ConditionalPrice]:
    """With one entry for all the windows of a price, where the order of the entries does not matter."""
    windows = [window for each in prices for window in each.windows or ()]
    alike = len({each.more_than_tokens for each in prices}) == 1
    if not alike or not apart(windows) or any(each.windows is None or each.unknown for each in prices):
        return prices
    found: dict[str, list[WeekWindow]] = {}
    for each in prices:
        found.setdefault(each.price, []).extend(each.windows or ())
    return [
        ConditionalPrice(price, prices[0].more_than_tokens, tuple(joined), unknown=())
        for price, joined in found.items()
    ]


def _price(rate: str, text: str | None, *, exact: bool) -> str:
    if exact:
        return text or ""
    return words_of(rate, None if text is None else parse_price(text))


def _conditions(price: ConditionalPrice) -> str:
    words = [f"above {price.more_than_tokens} tokens"] if price.more_than_tokens is not None else []
    if price.windows is not None:
        words.append(week_words(price.windows))
    return " and ".join([*words, *(f"if {condition}" for condition in price.unknown)])


def _change(change: ShownChange, *, exact: bool) -> _Row:
    if exact:
        row = exact_row(change)
        value = f"{row['before'] or NOTHING} → {row['after'] or NOTHING}" if change.field else change.name
        told = _row(change.kind.value, change.since_at, change.seen_at, change.field or None, value, exact=True)
        percent, certainty = change.percent, row["certainty"]
    else:
        what = change.kind.value if change.field else what_words(change)
        told = _row(
            what, change.since_at, change.seen_at, field_words(change.field) or None, change_words(change), exact=False
        )
        percent, certainty = percent_words(change), None
    return told | {"%": percent, "cause": change.cause.value, "certainty": certainty}
