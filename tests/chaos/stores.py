"""The databases the server may stand on, as this run makes, reads and removes them: plain SQL, nothing of llmanac."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql

POSTGRESQL = "host=127.0.0.1 port=5432 user=postgres"

Row = Sequence[object]


class Database(Protocol):
    """One database of this run's own."""

    name: str

    @property
    def environment(self) -> dict[str, str]:
        """What tells the server to use it."""

    def rows(self, query: str) -> Sequence[Row]:
        """What a query finds, on a connection of its own."""

    def faults(self) -> list[str]:
        """What the database itself finds broken."""

    def drop(self) -> None:
        """Leave nothing behind on a server that others use."""


class SqliteDatabase:
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "llmanac.db"

    @property
    def environment(self) -> dict[str, str]:
        return {}

    def rows(self, query: str) -> Sequence[Row]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()

    def faults(self) -> list[str]:
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"foreign key: {row}" for row in self.rows("PRAGMA foreign_key_check")]

    def drop(self) -> None:
        """It goes with the folder."""


class PostgresqlDatabase:
    name = "postgresql"

    def __init__(self) -> None:
        self._database = f"llmanac_chaos_{os.getpid()}"
        self._administer(sql.SQL("CREATE DATABASE {}"))

    @property
    def environment(self) -> dict[str, str]:
        return {"LLMANAC_DATABASE_URL": f"postgresql+psycopg://postgres@127.0.0.1:5432/{self._database}"}

    def rows(self, query: str) -> Sequence[Row]:
        with psycopg.connect(f"{POSTGRESQL} dbname={self._database}") as connection:
            return connection.execute(query.encode()).fetchall()

    def faults(self) -> list[str]:
        return []

    def drop(self) -> None:
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)"))

    def _administer(self, statement: sql.SQL) -> None:
        with psycopg.connect(f"{POSTGRESQL} dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(self._database)))
