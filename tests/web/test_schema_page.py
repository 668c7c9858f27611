"""`/schema` in a browser: every route and shape is there, nothing is fetched from elsewhere, nothing is refused."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.needed import lacking
from tests.serving import DEADLINE_SECONDS, Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTHS = {"wide": 1280, "narrow": 390}


def browse(url: str, tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Headless Chromium at this address, with a profile of its own; skips where there is none."""
    if CHROMIUM is None:
        lacking("needs Chromium (Debian: apt-get install chromium)")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", *options, url,
    ]  # fmt: skip
    environment = {**os.environ, "HOME": str(tmp_path)}
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=4 * DEADLINE_SECONDS,
        check=True,
    )


def test_the_page_shows_every_route_and_every_shape(served: Served, tmp_path: Path) -> None:
    document = served.http.get("/schema/openapi.json").json()
    browsed = browse(f"{served.url}/schema", tmp_path, "--dump-dom")
    dom = browsed.stdout
    assert f"<title>{document['info']['title']} {document['info']['version']}: schema</title>" in dom
    for path, operations in document["paths"].items():
        assert f"<code>{path}</code>" in dom
        for operation in (said for method, said in operations.items() if method != "head"):
            assert operation["summary"].replace("'", "&#39;") in dom.replace("'", "&#39;")
    for name in document["components"]["schemas"]:
        assert f'id="{name}"' in dom
    for target in re.findall(r'href="#([^"]+)"', dom):
        assert f'id="{target}"' in dom, "a link within the page leads somewhere"
    assert "acme/owl-2" in dom, "examples are shown"
    refused = [line for line in browsed.stderr.splitlines() if "CONSOLE" in line]
    assert refused == [], "the browser has nothing to complain of, such as the page's own security policy"


def test_the_page_names_no_other_host_and_has_no_script(served: Served) -> None:
    answer = served.http.get("/schema", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "<script" not in answer.text
    assert re.findall(r'(?:src|href)="(?!#|/schema)', answer.text) == []
    assert 'lang="en"' in answer.text
    assert 'name="viewport"' in answer.text


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_can_be_drawn(width: int, served: Served, tmp_path: Path) -> None:
    assert served.http.get("/schema").status_code == 200
    picture = tmp_path / "page.png"
    browse(f"{served.url}/schema", tmp_path, f"--window-size={width},1400", f"--screenshot={picture}")
    drawn = picture.read_bytes()
    assert drawn.startswith(b"\x89PNG")
    assert int.from_bytes(drawn[16:20], "big") == width
    assert len(drawn) > 20_000, "more than an empty page"
