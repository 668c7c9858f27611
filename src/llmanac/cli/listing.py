"""`llmanac list`: the models, with what they can do and what they cost."""

from llmanac.catalogue.money import PriceState, parse_price, per_million
from llmanac.cli.answers import read_answer
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, write_json_text, write_rows
from llmanac.render.listing import ListedModel, Listing

_COLUMNS = ("id", "name", "input", "output", "context", "prompt $/M", "completion $/M")
_NUMBERS = ("context", "prompt $/M", "completion $/M")


def list_models(output: FormatOption = Format.TABLE, server: ServerOption = None, token: TokenOption = None) -> None:
    """List every text and image model. Prices in USD per million tokens; JSON is the contract's own answer."""
    body = _ask_server(server, token) if server else _read_local()
    listing = read_answer(body, Listing)
    if output is Format.JSON:
        write_json_text(body)
        return
    models = {model.id: model for group in (*listing.text, *listing.image) for model in group.models}
    write_rows([_row(model) for model in models.values()], _COLUMNS, output, right=_NUMBERS)


def _ask_server(server: str, token: str | None) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.get("/api/ai/models")


def _read_local() -> bytes:
    from llmanac.cli.local import local_parts  # noqa: PLC0415  slow
    from llmanac.render.listing import View  # noqa: PLC0415  as above
    from llmanac.web.front import no_list_yet  # noqa: PLC0415  as above
    from llmanac.web.negotiate import Coding  # noqa: PLC0415  as above

    with local_parts() as parts:
        ready = parts.current.held.ready
        if ready is None:
            raise no_list_yet()
        return ready.make(View.LISTED)[Coding.IDENTITY].body


def _row(model: ListedModel) -> dict[str, object]:
    return {
        "id": model.id,
        "name": model.name,
        "input": "+".join(model.architecture.input_modalities),
        "output": "+".join(model.architecture.output_modalities),
        "context": model.context_length,
        "prompt $/M": _price(model.pricing.prompt),
        "completion $/M": _price(model.pricing.completion),
    }


def _price(text: str | None) -> str:
    """Zero, dynamic and unknown are told apart."""
    if text is None:
        return "unknown"
    price = parse_price(text)
    return "dynamic" if price.state is PriceState.DYNAMIC else per_million(price)
