"""Quotes as tables: rounded for eyes, exact for programs."""

from collections.abc import Iterator, Mapping

from llmanac.cli.money import count_words, dollars, percent
from llmanac.cli.output import Format, say, write_rows
from llmanac.render.cost import CostAnswer, ShownBreakEven, ShownQuote

_Row = Mapping[str, object]
_NUMBERS = ("total", "known total", "difference", "%", "requests", "left", "price", "quantity", "amount", "days")


def write_answer(answer: CostAnswer, output: Format, *, lines: bool) -> None:
    """The quotes; with `lines` each line of them. A series is shown by months, a comparison by stretches."""
    exact = output is Format.CSV
    rows: list[_Row]
    columns: tuple[str, ...]
    if answer.break_even is not None:
        rows, columns = list(_stretches(answer.break_even, exact=exact)), ("from", "to", "cheaper")
        _say_swaps(answer.break_even)
    elif any(quote.months for quote in answer.quotes):
        rows, columns = list(_months(answer, exact=exact)), ("id", "month", "days", "requests", "total")
    elif lines:
        rows = list(_lines(answer, exact=exact))
        columns = ("id", "rate", "unit", "price", "quantity", "amount", "because")
    else:
        rows = [_quote(quote, exact=exact) for quote in answer.quotes]
        if answer.current is not None and not exact:
            # Its difference to itself says nothing; that all others are compared with it does.
            rows = [row for row in rows if row["id"] != answer.current.id]
            rows.insert(0, {**_quote(answer.current, exact=False), "difference": "current"})
        columns = _columns(answer)
    # The id of the only model is known to who asked for it.
    may_go = ("because", "unit", "id" if len(answer.quotes) == 1 else "price", "left", "%", "missing")
    if rows or exact:
        write_rows(rows, columns, output, right=_NUMBERS, ids=("id", "cheaper"), may_go=may_go)
    elif not answer.rejected:
        say("No model is left that can do this workload.")
    if not exact:
        _say_assumed(answer)


def _columns(answer: CostAnswer) -> tuple[str, ...]:
    columns = ["id", "total"]
    if any(quote.difference for quote in answer.quotes):
        columns += ["difference", "%"]
    if any(quote.affordable for quote in answer.quotes):
        columns += ["requests", "left"]
    if any(not quote.complete for quote in answer.quotes):
        columns += ["known total", "missing"]
    return tuple(columns)


def _quote(quote: ShownQuote, *, exact: bool) -> _Row:
    row: dict[str, object] = {
        "id": quote.id,
        "total": _amount(quote.total, exact=exact),
        "known total": None if quote.complete else _amount(quote.known_total, exact=exact),
        "missing": "; ".join(dict.fromkeys(f"{each.rate} ({each.reason})" for each in quote.missing)),
    }
    if quote.difference is not None:
        more = quote.difference.amount
        sign = "" if exact or more.startswith("-") else "+"
        row["difference"] = f"{sign}{_amount(more, exact=exact)}"
        row["%"] = quote.difference.percent if exact else _percent(quote.difference.percent)
    if quote.affordable is not None:
        bought = quote.affordable.requests
        row["requests"] = "no end" if bought is None else bought if exact else f"{bought:,}"
        row["left"] = _amount(quote.affordable.left, exact=exact)
    return row


def _amount(text: str | None, *, exact: bool) -> str | None:
    if exact:
        return text
    return "unknown" if text is None else dollars(text)


def _percent(text: str | None) -> str | None:
    return None if text is None else percent(text)


def _lines(answer: CostAnswer, *, exact: bool) -> Iterator[_Row]:
    for quote in answer.quotes:
        for line in quote.lines:
            yield {
                "id": quote.id,
                "rate": line.rate,
                "unit": line.unit,
                "price": line.price,
                "quantity": line.quantity if exact else f"{int(line.quantity):,}",
                "amount": _amount(line.amount, exact=exact),
                "because": line.why,
            }
        for missing in quote.missing:
            yield {
                "id": quote.id,
                "rate": missing.rate,
                "amount": _amount(None, exact=exact),
                "because": missing.detail,
            }


def _months(answer: CostAnswer, *, exact: bool) -> Iterator[_Row]:
    for quote in answer.quotes:
        for month in quote.months or ():
            yield {
                "id": quote.id,
                "month": month.month,
                "days": month.days,
                "requests": month.requests if exact else count_words(month.requests),
                "total": _amount(month.total, exact=exact),
            }
        if quote.series is not None and not exact:
            yield {
                "id": quote.id,
                "month": "all",
                "days": f"{quote.series.days:,}",
                "requests": count_words(quote.series.requests),
                "total": _amount(quote.series.total, exact=False),
            }
        if quote.months is None:
            yield {"id": quote.id, "total": _amount(None, exact=exact)}


def _stretches(found: ShownBreakEven, *, exact: bool) -> Iterator[_Row]:
    for stretch in found.stretches:
        first, last = (count if exact or count is None else f"{count:,}" for count in (stretch.first, stretch.last))
        yield {"from": first, "to": "on" if last is None else last, "cheaper": stretch.cheaper or "neither"}


def _say_swaps(found: ShownBreakEven) -> None:
    if found.unpriced:
        say(f"{found.unpriced}, so the two cannot be compared")
    for swap in found.swaps:
        say(f"they cost the same at {swap.at} {found.axis}, which is an output share of {swap.output_share}")


def _say_assumed(answer: CostAnswer) -> None:
    said: dict[str, list[str]] = {}
    for quote in answer.quotes:
        for text in quote.assumed:
            said.setdefault(text, []).append(quote.id)
    for text, ids in said.items():
        more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
        say(f"assumed for {', '.join(ids[:3])}{more}: {text}")
