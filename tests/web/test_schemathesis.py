"""Requests made from the OpenAPI document, right and wrong ones, against a running server: no 5xx, and no untruth."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.serving import TOKEN, Served, serving, settings_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records

EXAMPLES = 20
"""For each operation in each phase that invents data; all of it takes well under 40 s."""

LEFT_OUT = (
    "positive_data_acceptance",  # a body may be of the right shape and ask for an instant in the past
    "object_level_authorization",  # one administrator, no owners
)


def document_of(served: Served) -> bytes:
    """The document with the media types of each answer as one: schemathesis knows no parameters of theirs."""
    document = served.http.get("/schema/openapi.json").json()
    for path in document["paths"].values():
        for response in path.get("get", {}).get("responses", {}).values():
            content = response.get("content", {})
            if len(content) > 1:
                schemas = [each["schema"] for each in content.values()]
                response["content"] = {next(iter(content)): {"schema": {"anyOf": schemas}}}
    return json.dumps(document).encode()


def run(served: Served, tmp_path: Path, phases: str, *left_out: str) -> subprocess.CompletedProcess[str]:
    """`schemathesis run`, in a directory of its own and without a database of examples."""
    (tmp_path / "openapi.json").write_bytes(document_of(served))
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", served.url,
        "--header", f"Authorization: Bearer {TOKEN}", "--checks", "all",
        "--exclude-checks", ",".join((*LEFT_OUT, *left_out)),
        "--max-examples", str(EXAMPLES), "--generation-deterministic",
        "--max-response-time", "10", "--request-timeout", "15", "--suppress-health-check", "all",
        "--continue-on-failure", "--warnings", "off", "--phases", phases,
    ]  # fmt: skip
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "150"}
    return subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("list_there", [True, False], ids=["with a list", "without a list"])
def test_every_operation_holds_to_its_document(*, list_there: bool, tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20)) as upstream, capture_logs():
        settings = settings_for(tmp_path / "data", upstream.base_url, bundle=False, offline=not list_there)
        with serving(settings) as served:
            if list_there:
                assert served.sync().json()["serial"] == 1
                upstream.change(fault=FAULTS["under_half_of_the_list"])
                assert served.sync().json()["quarantine_id"] == 1
                upstream.change(fault=None)
            if list_there:
                ran = run(served, tmp_path, "examples,coverage,fuzzing,stateful")
            else:
                # 503 is the truth here; a 500 would still be told, since it is not documented.
                ran = run(served, tmp_path, "examples,coverage", "not_a_server_error")
            assert served.http.get("/healthz").status_code == 200
            assert served.models().status_code == (200 if list_there else 503)
    assert ran.returncode == 0, ran.stdout + ran.stderr
