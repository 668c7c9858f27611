"""The year's store on both databases: moved, thinned, and served by a real server."""

import os
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks import subject
from benchmarks.errors import BenchmarkError
from benchmarks.server import Recipe
from llmanac.store.database import Database
from llmanac.store.move import move
from llmanac.store.store import Store

FILE = "llmanac.db"
POSTGRES = os.environ.get("LLMANAC_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
"""A database whose user may make others; the tests' own."""

_LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Thinned:
    """What was left after letting go of raw bytes, and after `VACUUM` gave the space back."""

    days: int
    pages: int
    before_bytes: int
    after_bytes: int
    thin_s: float
    vacuum_s: float


def has_postgresql() -> bool:
    """Whether there is a server to measure on."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a new database, which is gone afterwards."""
    name = f"llmanac_year_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{POSTGRES.rpartition('/')[0]}/{name}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def for_llmanac(url: str) -> str:
    """A PostgreSQL address as llmanac is told it."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def moved(folder: Path, url: str) -> float:
    """The store of a folder copied to PostgreSQL, as `llmanac move` does it; the seconds it took.

    Raises:
        BenchmarkError: What came over differs.
    """
    source, target = Database(f"sqlite:///{folder / FILE}"), Database(for_llmanac(url))
    began_at = time.perf_counter()
    try:
        compared = move(source, target, lambda _: None)
    finally:
        source.close()
        target.close()
    took_s = time.perf_counter() - began_at
    if not all(noun.same for noun in compared):
        raise BenchmarkError(f"what was moved differs: {[noun.here.noun for noun in compared if not noun.same]}")
    return took_s


def thinned(folder: Path, scratch: Path, end: datetime, days: int) -> Thinned:
    """A copy of the store, as LLMANAC_RAW_RETENTION_DAYS thins it at the end of the year."""
    scratch.mkdir()
    copy = scratch / FILE
    shutil.copyfile(folder / FILE, copy)
    before = copy.stat().st_size
    store = Store(Database(f"sqlite:///{copy}"))
    began_at = time.perf_counter()
    try:
        (series,) = store.every_series()
        store.acquire_lease("benchmark", _LEASE)
        pages = store.thin("benchmark", series.id, older_than=end - timedelta(days=days))
    finally:
        store.close()
    thin_s = time.perf_counter() - began_at
    began_at = time.perf_counter()
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Thinned(days, pages, before, copy.stat().st_size, thin_s, time.perf_counter() - began_at)


def recipe(folder: Path, token: str, base_url: str, *, database_url: str | None, program: str | None) -> Recipe:
    """A server on the year's store that never calls upstream. `database_url` None: the SQLite file in the folder."""
    made = subject.recipe(folder, token, 0, program)
    more = {"OPENROUTER_BASE_URL": base_url, "LLMANAC_OFFLINE": "true"}
    if database_url is not None:
        more["LLMANAC_DATABASE_URL"] = database_url
    return replace(made, environment={**made.environment, **more})
