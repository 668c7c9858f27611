"""`llmanac compare MODEL MODEL …`: two to six models side by side, with a mark where they differ."""

from typing import Annotated

import typer

from llmanac.cli.asked import option
from llmanac.cli.looking_up import full_ids, looking_up
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_beside, write_json
from llmanac.cli.traits import PARAMETERS, Traits, names_of, traits
from llmanac.query.fields import AS_OF

MIN_MODELS = 2
MAX_MODELS = 6
_DIFFERS = "≠"
_NOT_STATED = "–"


def compare(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL…", help=f"{MIN_MODELS} to {MAX_MODELS} ids, listed or not.")
    ],
    as_of: Annotated[str | None, option(AS_OF)] = None,
    only_differences: Annotated[  # noqa: FBT002  Typer's way of a flag
        bool, typer.Option("--only-differences", help="Leave out what they have in common.")
    ] = False,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Compare models side by side. A line that begins with ≠ differs.

    Tables show prices in USD per million tokens; JSON and CSV are exact, in USD per unit.
    """
    ids = list(dict.fromkeys(full_ids(models, server, token)))
    if not MIN_MODELS <= len(ids) <= MAX_MODELS:
        raise typer.BadParameter(
            f"Expected {MIN_MODELS} to {MAX_MODELS} different models, got {len(ids)}", param_hint="MODEL…"
        )
    with looking_up(server, token) as show_model:
        found = [show_model.model(each, as_of) for each in ids]
    exact = output in {Format.JSON, Format.CSV}
    every = _by_parameter([traits(bytes(each.model), exact=exact) for each in found])
    names = names_of(every)
    different = [name for name in names if len({each.get(name) for each in every}) > 1]
    if output is Format.JSON:
        write_json({"models": [each.model for each in found], "differences": different})
    else:
        shown = different if only_differences else names
        rows = [_row(name, ids, every, differs=name in different, exact=exact) for name in shown]
        write_beside(rows, ("differs" if exact else _DIFFERS, "what"), ids, output)
    for name, each in zip(ids, found, strict=True):
        if each.removed is not None:
            say(f"{name} is no longer listed: this is its last data.")


def _by_parameter(every: list[Traits]) -> list[Traits]:
    """With a trait for each parameter that any of them takes; a model that states none at all says nothing of them."""
    taken = [frozenset((each[PARAMETERS] or "").split(", ")) - {""} for each in every]
    parameters = sorted(frozenset().union(*taken))
    return [
        {name: value for name, value in each.items() if name != PARAMETERS}
        | {f"{PARAMETERS}: {one}": ("yes" if one in own else "no") if own else None for one in parameters}
        for each, own in zip(every, taken, strict=True)
    ]


def _row(name: str, ids: list[str], every: list[Traits], *, differs: bool, exact: bool) -> dict[str, object]:
    mark: dict[str, object] = {"differs": differs} if exact else {_DIFFERS: _DIFFERS if differs else None}
    missing = None if exact else _NOT_STATED
    values = {model: each.get(name) or missing for model, each in zip(ids, every, strict=True)}
    return {**mark, "what": name, **values}
