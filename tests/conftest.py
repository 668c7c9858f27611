"""Databases of both kinds for every test that asks for one."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

POSTGRES = os.environ.get("LLMANAC_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
"""A database whose user may make others."""


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests see only what they set themselves."""
    for name in list(os.environ):
        if name.startswith(("LLMANAC_", "OPENROUTER_")) and not name.startswith("LLMANAC_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LLMANAC_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database; skips where there is no server, and fails there under CI=true."""
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as problem:
        reason = f"needs PostgreSQL at {POSTGRES} (or LLMANAC_TEST_POSTGRES): {problem}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    name = f"llmanac_{uuid.uuid4().hex[:12]}"
    with admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        base = POSTGRES.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://", 1)
        try:
            yield f"{base}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'llmanac.db'}"
    url = request.getfixturevalue("postgres_url")
    assert isinstance(url, str)
    return url
