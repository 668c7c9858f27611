"""An upstream on loopback with OpenRouter's `GET /models`: every fetch finds every model changed.

The bodies are made before the first request, so that a fetch costs this process a write and never disturbs the load
generator on the same core. Run as `python -m benchmarks.upstream PORT CATALOGUE`.
"""

import gzip
import sys
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

MODELS_PATH = "/api/v1/models"
VARIANTS = 16
"""Bodies served in turn. Two in a row differ in every model, in prices by at most 1.5 %: no guard holds that back."""

Record = dict[str, object]


class Catalogue(msgspec.Struct):
    """An answer of `GET /models`, stored."""

    data: list[Record]


def read_catalogue(path: Path) -> list[Record]:
    """The records of a stored answer of OpenRouter's `GET /models`."""
    return msgspec.json.decode(path.read_bytes(), type=Catalogue).data


def changed(model: Record, step: int) -> Record:
    """The model with its positive prices raised by `step` thousandths, or, when it has none, another context length."""
    pricing = model.get("pricing")
    prices = pricing if isinstance(pricing, dict) else {}
    raised = {
        key: f"{Decimal(price) * (1000 + step) / 1000:f}"
        for key, price in prices.items()
        if isinstance(price, str) and Decimal(price) > 0
    }
    if raised:
        return model | {"pricing": prices | raised}
    return model | {"context_length": 8192 + step}


def bodies(models: list[Record]) -> list[tuple[bytes, bytes]]:
    """Per variant the answer as it is and gzipped."""
    lists = ([changed(model, step) for model in models] for step in range(VARIANTS))
    plain = [msgspec.json.encode({"data": data, "total_count": len(data), "links": {"next": None}}) for data in lists]
    return [(body, gzip.compress(body, 6)) for body in plain]


class Models(BaseHTTPRequestHandler):
    """Answers `GET /models` from `turns`."""

    protocol_version = "HTTP/1.1"
    turns: ClassVar[Iterator[tuple[bytes, bytes]]]

    def do_GET(self) -> None:
        """The next body; every other path is 404."""
        if urlsplit(self.path).path != MODELS_PATH:
            self.send_error(404)
            return
        plain, gzipped = next(self.turns)
        zipped = "gzip" in self.headers.get("Accept-Encoding", "")
        body = gzipped if zipped else plain
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: a line per fetch would only cost time on the load generator's core."""


def main() -> None:
    """Serves until it is stopped."""
    port, catalogue = int(sys.argv[1]), Path(sys.argv[2])
    Models.turns = cycle(bodies(read_catalogue(catalogue)))
    ThreadingHTTPServer(("127.0.0.1", port), Models).serve_forever()


if __name__ == "__main__":
    main()
