"""Findings → the second part of docs/benchmarks-cost.md."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from scripts.cost_comparison.cases import CASES
from scripts.cost_comparison.compare import Finding, Verdict

_WHY: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.INVENTED: "llmanac: the record states no price that these counts can be turned into, so any number is"
        " made up",
        Verdict.PRICE: "each by its own list: the record of that day has the one price, the library's snapshot the"
        " other, of another day or of the author's own interface",
        Verdict.TIER: "llmanac: a tier is what the record's `overrides` say. Strictly above it the whole request costs"
        " the tier's price, and without one there is none",
        Verdict.HOUR: "llmanac: the record's `overrides` give a price to each hour (UTC)",
        Verdict.CACHE: "llmanac, where the record has a price for it; where it has none, nobody knows, and llmanac says"
        " what it assumed",
    }
)
_AGREEING = (Verdict.SAME, Verdict.NOISE)


def page(findings: Mapping[str, Sequence[Finding]], versions: Mapping[str, str], *, models: int, day: str) -> str:
    """All tables. `findings` by library."""
    parts = [
        "## Side by side",
        f"{len(CASES)} workloads at {models} models: those of the bundled list of {day} (OpenRouter's) that "
        + " or ".join(f"{name} {version}" for name, version in versions.items())
        + " prices too. genai-prices is asked for its prices of OpenRouter; litellm, which brings none of those, for"
        " the price of the author's own interface. Right is what the record of that day says.",
        _agreement(findings),
    ]
    for library, found in findings.items():
        parts += [f"### Where {library} differs", _differences(found)]
    return "\n\n".join(parts) + "\n"


def _agreement(findings: Mapping[str, Sequence[Finding]]) -> str:
    names = [*findings]
    head = ["workload", *(f"{name}: {word}" for name in names for word in ("same", "differs", "no price")), "all agree"]
    rows = []
    for case in CASES:
        cells = [case.name]
        agreeing: Counter[str] = Counter()
        for name in names:
            here = [each for each in findings[name] if each.case == case.name]
            same = [each.model for each in here if each.verdict in _AGREEING]
            absent = sum(each.verdict is Verdict.ABSENT for each in here)
            agreeing.update(same)
            cells += [str(len(same)), str(len(here) - len(same) - absent), str(absent)]
        rows.append([*cells, str(sum(count == len(names) for count in agreeing.values()))])
    return _table(head, rows)


def _differences(found: Sequence[Finding]) -> str:
    rows = []
    noisy = sum(each.verdict is Verdict.NOISE for each in found)
    for verdict, right in _WHY.items():
        here = [each for each in found if each.verdict is verdict]
        if here:
            models = len({each.model for each in here})
            rows.append([verdict.value, str(len(here)), str(models), _example(here), right])
    words = f"\n\n{noisy} totals more are the same but for the noise of binary fractions." if noisy else ""
    return _table(["what", "totals", "models", "for example", "who is right"], rows) + words


def _example(found: Sequence[Finding]) -> str:
    """The shortest name, so that the example is a model that many know."""
    first = min(found, key=lambda each: (each.model.startswith("~"), len(each.model), each.model, each.case))
    ours = first.ours if first.ours == "incomplete" else f"${first.ours}"
    because = f": {first.because}" if first.because else ""
    return f"`{first.model}`, {first.case.partition(':')[0]}: {ours} here, ${first.theirs} there{because}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join([' --- '] * len(head))}|"]
    return "\n".join([*lines, *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)])
