"""The peers: nginx with llmanac's own bytes as files, and the FastAPI route of `serialising`."""

import getpass
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.ask import MODELS_PATH, Answer
from benchmarks.errors import ToolMissingError
from benchmarks.server import Recipe, free_port

ROOT = Path(__file__).parent.parent

NGINX_CONFIGURATION = """\
{user}worker_processes 1;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    default_type application/json;
    map $http_authorization $authorised {{ default 0; "{authorization}" 1; }}
    server {{
        listen 127.0.0.1:{port};
        location = {path} {{
            if ($authorised = 0) {{ return 401; }}
            alias {folder}/models.json;
            gzip_static on;
            etag on;
            {headers}
        }}
    }}
}}
"""

OWN_HEADERS = {
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "server",
}
"""What nginx writes itself; every other header of llmanac's answer is configured, so that both send the same."""


def executable(name: str, package: str) -> str:
    """The path of a tool, looked for in `PATH` and where Debian keeps servers.

    Raises:
        ToolMissingError: with the way to get it.
    """
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ToolMissingError(f"{name} was not found; on Debian and Ubuntu: apt-get install {package}")
    return found


def nginx(folder: Path, identity: Answer, gzipped: Answer, headers: Mapping[str, str]) -> Recipe:
    """Serves the two bodies from `folder` (made here) with llmanac's headers and the bearer check of `headers`."""
    program = executable("nginx", "nginx-light")
    folder.mkdir()
    (folder / "models.json").write_bytes(identity.body)
    (folder / "models.json.gz").write_bytes(gzipped.body)
    port = free_port()
    added = {name: value for name, value in identity.headers.items() if name not in OWN_HEADERS}
    configuration = NGINX_CONFIGURATION.format(
        # As root, nginx would give its worker to another user, who cannot read the folder.
        user=f"user {getpass.getuser()};\n" if os.geteuid() == 0 else "",
        authorization=headers["Authorization"],
        port=port,
        path=MODELS_PATH,
        folder=folder,
        headers=" ".join(f'add_header {name} "{value}";' for name, value in added.items()),
    )
    (folder / "nginx.conf").write_text(configuration, encoding="utf-8")
    command = [program, "-p", f"{folder}", "-e", "stderr", "-c", "nginx.conf", "-g", "daemon off;"]
    return Recipe("nginx", command, {}, port, headers, folder)


def fastapi(folder: Path, identity: Answer, headers: Mapping[str, str]) -> Recipe:
    """One uvicorn process with its fastest loop and parser and no access log."""
    folder.mkdir()
    listing = folder / "listing.json"
    listing.write_bytes(identity.body)
    port = free_port()
    options = f"--host 127.0.0.1 --port {port} --loop uvloop --http httptools --no-access-log --log-level warning"
    command = [sys.executable, "-m", "uvicorn", "benchmarks.serialising:app", "--app-dir", f"{ROOT}", *options.split()]
    token = headers["Authorization"].removeprefix("Bearer ")
    environment = {"BENCHMARK_LISTING": f"{listing}", "BENCHMARK_TOKEN": token}
    return Recipe("FastAPI", command, environment, port, headers, folder)
