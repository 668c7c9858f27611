"""Databases of both kinds for every test that asks for one, and what `make test` leaves out."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import KINDS, KeptPostgres, make_schema, new_postgres
from tests.shared_data import SHARED_DATA

settings.register_profile("short", max_examples=20)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs the real lists where they are not."""
    if item.get_closest_marker("real_lists") and not SHARED_DATA.is_dir():
        pytest.skip("needs the real lists, which do not lie beside the repository")


@pytest.fixture(scope="session", autouse=True)
def _no_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No authority is trusted: to read those of the system takes each client longer than its requests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("authorities")))
        yield


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
    """A PostgreSQL database of its own with nothing in it."""
    with new_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def kept_postgres() -> Iterator[KeptPostgres]:
    """Made when a test first asks for it."""
    kept = KeptPostgres()
    yield kept
    kept.close()


@pytest.fixture
def kept_postgres_url(kept_postgres: KeptPostgres) -> Iterator[str]:
    """A PostgreSQL store with the newest schema and no rows, the same for one test after the other."""
    with kept_postgres.lent() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite store with the newest schema and no rows."""
    url = f"sqlite:///{tmp_path / 'llmanac.db'}"
    make_schema(url)
    return url


@pytest.fixture(params=["sqlite_url", pytest.param("kept_postgres_url", marks=pytest.mark.slow)], ids=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A store of each kind with the newest schema and no rows; `tests/store` has both in `make test` too."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind with nothing in it."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'llmanac.db'}"
