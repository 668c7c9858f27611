"""`llmanac sync`: ask upstream now, and say what came of it."""

import sys

import msgspec
import typer
from rich.console import Console

from llmanac.cli.answers import read_answer
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text, write_rows


def sync(output: FormatOption = Format.TABLE, server: ServerOption = None, token: TokenOption = None) -> None:
    """Sync once. A running server on the same store takes the new list over within two seconds."""
    body = _ask_server(server, token) if server else _sync_here()
    done = read_answer(body, _Done)
    if output is Format.JSON:
        write_json_text(body)
    else:
        columns = ("outcome", "code", "serial", "changes", "rejects", "detail")
        attempt = done.attempt
        row = {
            "outcome": attempt.outcome,
            "code": attempt.code,
            "serial": done.serial,
            "changes": done.changes,
            "rejects": done.rejects,
            "detail": attempt.detail,
        }
        write_rows([row], columns, output, right=("serial", "changes", "rejects"))
    raise typer.Exit(_exit_code(done.attempt))


class _Attempt(msgspec.Struct):
    outcome: str
    code: str | None
    detail: str | None


class _Done(msgspec.Struct):
    attempt: _Attempt
    serial: int
    changes: int
    rejects: int


def _exit_code(attempt: _Attempt) -> int:
    if attempt.outcome == "failed":
        return 4 if attempt.code == "UPSTREAM_KEY_REJECTED" else 3
    return 1 if attempt.outcome == "quarantined" else 0


def _ask_server(server: str, token: str | None) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.sync()


def _sync_here() -> bytes:
    from llmanac.access.gate import Gate  # noqa: PLC0415  slow
    from llmanac.answers.sync_outcome import see_sync  # noqa: PLC0415  as above
    from llmanac.assemble import make_current  # noqa: PLC0415  as above
    from llmanac.assemble_sync import make_worker  # noqa: PLC0415  as above
    from llmanac.cli.local import local_store, log_errors  # noqa: PLC0415  as above
    from llmanac.sync.run import Step  # noqa: PLC0415  as above

    console = Console(file=sys.stderr, highlight=False)
    with local_store() as (settings, store), console.status("syncing …") as shown:
        log_errors(settings)

        def watch(step: Step) -> None:
            shown.update(f"{step.value} …")
            if not console.is_terminal:
                say(f"{step.value} …")

        current = make_current(settings, store, lambda _: None)
        report = make_worker(settings, store, current, Gate(None)).sync_now(watch)
        return msgspec.json.encode(see_sync(current.held.catalogue, report))
