"""Faults that lead the client elsewhere: redirects, and next pages that are nowhere, in a circle or without end."""

from collections.abc import Callable

from tests.upstream_exchange import Exchange, Record, list_body


def redirect_loop(exchange: Exchange) -> None:
    exchange.respond(302, headers={"Location": exchange.own_url()})


def redirect_to_other_host(exchange: Exchange) -> None:
    exchange.respond(307, headers={"Location": f"{exchange.foreign_origin}{exchange.request.path}"})


def redirect_to_file(exchange: Exchange) -> None:
    exchange.respond(302, headers={"Location": "file:///etc/hostname"})


def redirect_without_location(exchange: Exchange) -> None:
    exchange.respond(301)


def next_page_is_this_page(exchange: Exchange) -> None:
    exchange.respond(200, list_body(exchange.rows, links={"next": exchange.own_url()}))


def next_page_on_other_host(exchange: Exchange) -> None:
    elsewhere = f"{exchange.foreign_origin}{exchange.request.path}?offset=1"
    exchange.respond(200, list_body(exchange.rows, links={"next": elsewhere}))


def next_page_is_garbage(exchange: Exchange) -> None:
    exchange.respond(200, list_body(exchange.rows, links={"next": "http://[::not-an-address/\u0000"}))


def pages_without_end(exchange: Exchange) -> None:
    """Every page has a row that no other has, and a next one."""
    offset = int(exchange.request.parameters.get("offset", "0"))
    first: Record = exchange.rows[0] if exchange.rows else {"id": "endless/page"}
    row = {**first, "id": f"{first.get('id')}-{offset}"}
    exchange.respond(200, list_body([row], links={"next": exchange.own_url(offset=str(offset + 1))}))


DETOURS: tuple[Callable[[Exchange], None], ...] = (
    redirect_loop,
    redirect_to_other_host,
    redirect_to_file,
    redirect_without_location,
    next_page_is_this_page,
    next_page_on_other_host,
    next_page_is_garbage,
    pages_without_end,
)
