"""`llmanac status`: how the list stands."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from llmanac.cli.answers import read_answer
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, write_json, write_rows


def status(output: FormatOption = Format.TABLE, server: ServerOption = None, token: TokenOption = None) -> None:
    """Show serial, source, counts, age, the last attempt, the next one, quarantine and rejects."""
    body = _ask_server(server, token) if server else _read_local()
    found = read_answer(body, dict[str, object])
    if not server:
        # No server has started: this is about the store alone.
        del found["started_at"]
    if output is Format.JSON:
        write_json(found)
        return
    shown = _flat(found) if output is Format.CSV else _flat(_for_eyes(found))
    write_rows([{"what": name, "is": text} for name, text in shown], ("what", "is"), output)


def _ask_server(server: str, token: str | None) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.get("/api/ai/status")


def _read_local() -> bytes:
    from llmanac.answers.server_status import server_status  # noqa: PLC0415  as above
    from llmanac.cli.local import local_answers  # noqa: PLC0415  slow

    with local_answers() as context:
        return msgspec.json.encode(server_status(context))


def _for_eyes(found: Mapping[str, object]) -> Mapping[str, object]:
    """The age in days and hours; each source under its name, without what the whole server says already."""
    whole = {name: value for name, value in found.items() if name != "sources"}
    sources = msgspec.convert(found.get("sources", []), list[dict[str, object]])
    own: dict[str, object] = {
        str(source.get("provider", place)): {
            name: value for name, value in source.items() if name != "provider" and (name, value) not in whole.items()
        }
        for place, source in enumerate(sources)
    }
    age = whole.get("age_seconds")
    if isinstance(age, int):
        whole["age_seconds"] = timedelta(seconds=age)
    return {name.removesuffix("_seconds"): value for name, value in whole.items()} | own


def _flat(value: object, path: str = "") -> list[tuple[str, object]]:
    """Nested members as dotted paths."""
    if isinstance(value, dict):
        parts = [(f"{path}.{name}" if path else str(name), inner) for name, inner in value.items()]
    elif isinstance(value, list) and value:
        parts = [(f"{path}.{position}", inner) for position, inner in enumerate(value)]
    else:
        return [(path, None if value == [] else value)]
    return [pair for name, inner in parts for pair in _flat(inner, name)]
