"""A server of its own over some lists, as the page tells a reader to start one."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from typer.testing import CliRunner

from llmanac.cli.main import make_app
from scripts.twenty_questions.question import Json, Question, at

AS_JSON = ("--format", "json")
"""The commands are shown as they are asked."""

_PROGRAM = (sys.executable, "-m", "llmanac.cli.main")
_TOKEN = "a-token-for-this-walk"
_SECONDS = 60
_FOREIGN = ("LLMANAC_", "OPENROUTER_")


@dataclass(frozen=True)
class Served:
    """The running server."""

    http: httpx2.Client

    def answer(self, question: Question) -> Json:
        """What the server says to the request."""
        if question.body is None:
            sent = self.http.get(question.target)
        else:
            sent = self.http.post(question.target, json=question.body)
        answer: Json = sent.json()
        return answer

    def command_answer(self, question: Question) -> Json:
        """What the command says with `--format json`; it asks the same server.

        Raises:
            ValueError: It says something else than JSON.
        """
        assert question.command is not None
        environment = {"LLMANAC_SERVER": str(self.http.base_url), "LLMANAC_TOKEN": _TOKEN}
        done = CliRunner().invoke(make_app(), [*question.command, *AS_JSON], env=environment)
        try:
            answer: Json = json.loads(done.stdout)
        except ValueError:
            told = done.stderr or repr(done.exception)
            raise ValueError(f"llmanac {' '.join(question.command)} ended with {done.exit_code}: {told}") from None
        return at(answer, question.command_at)


@contextmanager
def served(lists: Sequence[Path]) -> Iterator[Served]:
    """Import these lists into a new store and serve it until the block ends.

    Raises:
        ValueError: A list cannot be imported, or the server does not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        environment |= {
            "LLMANAC_DATA_DIR": f"{folder}/data",
            "LLMANAC_OFFLINE": "true",
            "LLMANAC_TOKEN": _TOKEN,
            "LLMANAC_LOG_LEVEL": "error",
        }
        imported = subprocess.run(
            [*_PROGRAM, "import", *map(str, lists)],
            env=environment,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
        if imported.returncode:
            raise ValueError(f"The lists cannot be imported:\n{imported.stderr}")
        with _serving(environment, folder) as url, _client(url) as http:
            yield Served(http)


@contextmanager
def _serving(environment: dict[str, str], folder: str) -> Iterator[str]:
    """Where it listens. It holds the port before it says so, so whoever asks at once only waits."""
    with subprocess.Popen(
        [*_PROGRAM, "serve", "--port", "0"], env=environment, cwd=folder, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        try:
            greeting = process.stderr.readline()
            found = re.search(r" on (http://\S+)$", greeting.rstrip())
            if found is None:
                process.kill()
                raise ValueError(f"The server does not start:\n{greeting}{process.stderr.read()}")
            yield found[1]
        finally:
            process.terminate()


def _client(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {_TOKEN}"}, timeout=_SECONDS)
