"""The year's figures as tables of text."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.tables import Table
from benchmarks.year_figures import Figures, verdicts
from benchmarks.year_fill import Filled
from benchmarks.year_lists import ORDER, WHOLE
from benchmarks.year_size import MB, StoreSize, TableSize


def tables(figures: Figures) -> list[Table]:
    """In the order of the report, the targets first."""
    made = [_targets(figures), _lists(figures), _sizes(figures), _uses(figures), _answers(figures), _syncs(figures)]
    made += [_memory(figures), _starts(figures)]
    if figures.thinned is not None:
        made.append(_thinning(figures))
    return made


def _targets(figures: Figures) -> Table:
    rows = tuple((verdict.target, verdict.measured, "yes" if verdict.met else "no") for verdict in verdicts(figures))
    return Table("Targets", ("target", "measured", "met"), rows)


def _lists(figures: Figures) -> Table:
    filled = figures.filled
    days = max(1.0, (filled.lists - 1) / 24)
    named = {WHOLE: "models that came or went", ORDER: "lists in another order", "windows": "prices by the time of day"}
    rows = [
        ("lists", f"{filled.lists:,}", ""),
        ("of them with nothing new", f"{filled.unchanged:,}", _per_day(filled.unchanged, days)),
        ("of these answered 304", f"{filled.not_modified:,}", _per_day(filled.not_modified, days)),
        ("models in a list, mean", f"{filled.models / filled.lists:,.0f}", ""),
        ("MB that upstream sent", f"{filled.body_bytes / MB:,.0f}", ""),
        *(
            (f"differences: {named.get(member, member)}", f"{count:,}", _per_day(count, days))
            for member, count in Counter(filled.landed).most_common()
        ),
        ("Changes that were found", f"{filled.changes:,}", _per_day(filled.changes, days)),
    ]
    return Table("What went in", ("", "in all", "a day"), tuple(rows))


def _per_day(count: int, days: float) -> str:
    return f"{count / days:,.1f}"


def _sizes(figures: Figures) -> Table:
    columns = ["table", "rows"]
    names: dict[str, int] = {}
    for database, served in figures.served.items():
        columns += [f"{database} MB", "with indexes"]
        names |= {table.name: table.rows for table in served.size.tables if table.rows}
    rows = [
        (name, f"{count:,}", *(cell for served in figures.served.values() for cell in _size(served.size, name)))
        for name, count in names.items()
    ]
    totals = [cell for served in figures.served.values() for cell in ("", f"{served.size.total_bytes / MB:,.1f}")]
    hours = max(1, figures.filled.lists)
    each = [cell for one in figures.served.values() for cell in ("", f"{one.size.total_bytes / hours / 1000:,.1f}")]
    rows += [("whole database", "", *totals), ("kB per hour", "", *each)]
    note = "Whole pages of the database, what is free in them included."
    return Table("Size", tuple(columns), tuple(rows), note)


def _size(size: StoreSize, name: str) -> tuple[str, str]:
    table = next((table for table in size.tables if table.name == name), TableSize(name, 0, 0, 0))
    if table.table_bytes is None or table.index_bytes is None:
        return "?", "?"
    return f"{table.table_bytes / MB:,.1f}", f"{(table.table_bytes + table.index_bytes) / MB:,.1f}"


def _uses(figures: Figures) -> Table:
    size = next(iter(figures.served.values())).size
    rows = tuple(
        (
            blob.use,
            f"{blob.count:,}",
            f"{blob.whole_bytes / MB:,.1f}",
            f"{blob.stored_bytes / MB:,.1f}",
            f"{blob.stored_bytes / max(1, blob.count):,.0f}",
            f"{blob.stored_bytes / size.total_bytes:.1%}",
        )
        for blob in size.blobs
    )
    columns = ("bytes of", "blobs", "MB", "MB stored", "stored bytes each", "of the whole store")
    note = "Each is written as its difference to a similar one; see docs/adr."
    return Table("Blobs", columns, rows, note)


def _answers(figures: Figures) -> Table:
    columns = ["question", "answers", "bytes"]
    for database in figures.served:
        columns += [f"{database} p50", "p99", "max", "CPU", "others"]
    first = next(iter(figures.served.values())).answered
    rows = []
    for place, question in enumerate(first):
        row = [question.name, f"{question.count:,}", f"{question.body_bytes:,}"]
        for served in figures.served.values():
            one = served.answered[place]
            row += [
                f"{one.p50_ms:.1f}",
                f"{one.p99_ms:.1f}",
                f"{one.max_ms:.1f}",
                f"{one.cpu_ms:.1f}",
                f"{one.foreign:.0%}",
            ]
        rows.append(tuple(row))
    note = (
        "Milliseconds from the first byte of a request to the last of its answer, one at a time over one connection, "
        "with gzip; bytes: the median, as sent. CPU: what the server used for one, PostgreSQL's own work not counted. "
        "Others: what anything else used of the two cores meanwhile, PostgreSQL counted, as a share of one."
    )
    return Table("Answers", tuple(columns), tuple(rows), note)


def _syncs(figures: Figures) -> Table:
    first, last = figures.sync_ms
    filled: Filled = figures.filled
    rows = (
        ("at the beginning of the year", f"{first:,.0f}"),
        ("at its end", f"{last:,.0f}"),
        ("the slowest of all", f"{max(filled.sync_ms):,.0f}"),
    )
    note = (
        "Milliseconds of one sync that brought something new: asking a loopback upstream, reading, judging, comparing "
        "and saving. Medians."
    )
    return Table("Syncs", ("sync", "ms"), rows, note)


def _memory(figures: Figures) -> Table:
    rows: Sequence[tuple[str, ...]] = [
        (
            database,
            f"{served.at_start.rss_mb:.0f}",
            f"{served.at_end.rss_mb:.0f}",
            f"{served.at_end.pss_mb:.0f}",
            f"{served.at_end.peak_mb:.0f}",
        )
        for database, served in figures.served.items()
    ]
    columns = ("server on", "resident MB at the start", "after all questions", "PSS MB", "peak MB")
    return Table("Memory", columns, tuple(rows))


def _starts(figures: Figures) -> Table:
    starts = {database: served.start for database, served in figures.served.items()}
    if figures.start_empty is not None:
        starts = {"SQLite with one list": figures.start_empty, **starts}
    rows = tuple(
        (name, f"{time.median_s * 1000:,.0f}", f"{time.fastest_s * 1000:,.0f}", f"{time.slowest_s * 1000:,.0f}")
        for name, time in starts.items()
    )
    note = "Milliseconds from the start of the process to the end of the first 200."
    return Table("Start", ("store", "median", "fastest", "slowest"), rows, note)


def _thinning(figures: Figures) -> Table:
    thinned = figures.thinned
    assert thinned is not None
    rows = (
        ("before", f"{thinned.before_bytes / MB:,.1f}"),
        ("after", f"{thinned.after_bytes / MB:,.1f}"),
    )
    note = (
        f"MB of the SQLite file, after letting go of the raw bytes of {thinned.pages:,} fetches in {thinned.thin_s:.1f}"
        f" s and VACUUM in {thinned.vacuum_s:.1f} s. Without VACUUM the space is used again by what comes."
    )
    return Table(f"LLMANAC_RAW_RETENTION_DAYS={thinned.days}", ("", "MB"), rows, note)
