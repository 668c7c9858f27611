"""The figures as tables of text; the terminal and the document show the same ones."""

from dataclasses import dataclass

from benchmarks.figures import Figures, verdicts
from benchmarks.load import CASES, OWN_CASES, Measurement
from benchmarks.proc import Memory

SERVERS = ("llmanac", "nginx", "FastAPI")


@dataclass(frozen=True, slots=True)
class Table:
    """`note` stands under the table. The first column is text, the others are numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(figures: Figures) -> list[Table]:
    """In the order of the report, the targets first."""
    made = [_targets(figures), _throughput(figures), _own_codings(figures), _memory(figures), _starts(figures)]
    if figures.sync_delay is not None:
        made.insert(3, _sync_delay(figures))
    return made


def _targets(figures: Figures) -> Table:
    rows = tuple((verdict.target, verdict.measured, "yes" if verdict.met else "no") for verdict in verdicts(figures))
    return Table("Targets", ("target", "measured", "met"), rows)


def _throughput(figures: Figures) -> Table:
    columns = (
        "case, server",
        "requests/s",
        "× nginx",
        "× FastAPI",
        "CPU µs/request",
        "CPU ÷ nginx",
        "CPU ÷ FastAPI",
        "p50 ms",
        "p99 ms",
        "core used",
        "others",
    )
    rows = tuple(_throughput_row(figures, case.name, server) for case in CASES for server in SERVERS)
    note = (
        "Medians of the repetitions. p50 and p99 are those of a closed loop at full load: with all connections always "
        "waiting they follow from the throughput. Core used: the share of its core that the server used; well below "
        "100 % the load generator was the limit, and CPU per request is the fairer comparison. Others: what anything "
        "else used of the two cores, as a share of one."
    )
    return Table("Full load", columns, rows, note)


def _throughput_row(figures: Figures, case: str, server: str) -> tuple[str, ...]:
    row = figures.load[case, server]
    nginx, fastapi = figures.load[case, "nginx"], figures.load[case, "FastAPI"]
    return (
        f"{case}, {server}",
        f"{row.per_second:,.0f}",
        _ratio(row.per_second / nginx.per_second),
        _ratio(row.per_second / fastapi.per_second),
        f"{row.cpu_us:,.1f}",
        _ratio(row.cpu_us / nginx.cpu_us),
        _ratio(row.cpu_us / fastapi.cpu_us),
        *_ending(row),
    )


def _ratio(value: float) -> str:
    """At least two digits that mean something."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 4
    return f"{value:,.{digits}f}"


def _ending(row: Measurement) -> tuple[str, ...]:
    return f"{row.p50_ms:.2f}", f"{row.p99_ms:.2f}", f"{row.busy:.0%}", f"{row.foreign:.0%}"


def _own_codings(figures: Figures) -> Table:
    columns = ("case, server", "bytes", "requests/s", "CPU µs/request", "p50 ms", "p99 ms", "core used", "others")
    rows = []
    for case in OWN_CASES:
        row = figures.load[case.name, "llmanac"]
        size = f"{figures.sizes[case.coding]:,}"
        rows.append((f"{case.name}, llmanac", size, f"{row.per_second:,.0f}", f"{row.cpu_us:,.1f}", *_ending(row)))
    return Table("Full load, codings that only llmanac has", columns, tuple(rows))


def _sync_delay(figures: Figures) -> Table:
    measured = figures.sync_delay
    assert measured is not None
    without, during = measured.without, measured.during
    names = ("p50", "p99", "p99.9", "maximum")
    before = (without.p50_ms, without.p99_ms, without.p999_ms, without.max_ms)
    after = (during.p50_ms, during.p99_ms, during.p999_ms, during.max_ms)
    rows = tuple(
        (name, f"{quiet:.2f}", f"{busy:.2f}", f"{busy - quiet:+.2f}")
        for name, quiet, busy in zip(names, before, after, strict=True)
    )
    note = (
        "Milliseconds from the instant a request was due until its answer was there; "
        f"{without.requests:,} and {during.requests:,} requests. Meanwhile {measured.syncs} syncs of {figures.models} "
        f"changed models one after the other, {measured.sync_ms:.0f} ms each (median). Of these times the load "
        f"generator may have added (p99.9) {without.late_p999_ms:.2f} and {during.late_p999_ms:.2f} ms. Others used "
        f"{without.foreign:.0%} and {during.foreign:.0%} of a core."
    )
    return Table(
        "Answers during continuous syncs", ("percentile", "without syncs", "during syncs", "difference"), rows, note
    )


def _memory(figures: Figures) -> Table:
    rows = [_memory_row(f"{server}, after full load", figures.memory[server]) for server in SERVERS]
    if figures.memory_after_syncs is not None:
        rows.append(_memory_row("llmanac, after continuous syncs", figures.memory_after_syncs))
    note = (
        "Sums over all processes of the server. PSS counts a page shared by n processes as 1/n; "
        "peak is the highest resident size since the start."
    )
    return Table("Memory", ("server", "resident MB", "PSS MB", "peak MB"), tuple(rows), note)


def _memory_row(name: str, memory: Memory) -> tuple[str, ...]:
    return name, f"{memory.rss_mb:.0f}", f"{memory.pss_mb:.0f}", f"{memory.peak_mb:.0f}"


def _starts(figures: Figures) -> Table:
    rows = tuple(
        (server, f"{time.median_s * 1000:,.0f}", f"{time.fastest_s * 1000:,.0f}", f"{time.slowest_s * 1000:,.0f}")
        for server, time in figures.starts.items()
    )
    note = (
        "Milliseconds from the start of the process to the end of the first 200. "
        "llmanac had a filled store and an upstream that is down."
    )
    return Table("Start", ("server", "median", "fastest", "slowest"), rows, note)
