"""What a command loads before it answers: nothing of a server, of another database, or of the network."""

import os
import re
import subprocess
import sys

import pytest

from tests.cli.command import PROGRAM, llmanac

HEAVY = frozenset(
    {"alembic", "brotli", "fastapi", "httpx2", "psycopg", "pyarrow", "stamina", "starlette", "structlog", "uvicorn"}
)
IMPORTED = re.compile(r"^import time: +[0-9]+ \| +[0-9]+ \| +(?P<name>[\w.]+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that was used before: the first use of one makes its tables."""
    directory = str(tmp_path_factory.mktemp("used"))
    assert llmanac("status", LLMANAC_DATA_DIR=directory).code == 0
    return directory


@pytest.mark.parametrize(
    "command",
    [
        ("list", "--limit", "3"),
        ("show", "openai/gpt-4o"),
        ("changes",),
        ("history", "openai/gpt-4o"),
        ("upcoming",),
        ("cost", "openai/gpt-4o", "--prompt-tokens", "1000"),
        ("status",),
        ("token", "list"),
    ],
    ids=lambda command: command[0],
)
def test_a_command_on_the_local_store_loads_no_server(command: tuple[str, ...], data_dir: str) -> None:
    environment = os.environ | {"LLMANAC_DATA_DIR": data_dir, "PYTHONPROFILEIMPORTTIME": "1"}
    ended = subprocess.run([*PROGRAM, *command], env=environment, capture_output=True, encoding="utf-8", check=False)
    loaded = IMPORTED.findall(ended.stderr)
    assert ended.returncode == 0, ended.stderr[-500:]
    assert "typer" in loaded
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()
    assert [name for name in loaded if name.startswith("llmanac.web")] == []


def test_importing_the_package_imports_nothing_else() -> None:
    program = [sys.executable, "-X", "importtime", "-c", "import llmanac"]
    ended = subprocess.run(program, capture_output=True, encoding="utf-8", check=True)
    assert [name for name in IMPORTED.findall(ended.stderr) if name.startswith("llmanac")] == ["llmanac"]
