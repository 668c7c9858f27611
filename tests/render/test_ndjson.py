"""The export of lines: one model a line, whatever upstream's white space is."""

import json

import pytest

from llmanac.query.row import Row
from llmanac.render.ndjson import render_ndjson
from llmanac.upstream.decode import decode_rows
from tests.build import record


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_model_that_upstream_sent_on_many_lines_is_on_one(line_end: str) -> None:
    sent = record(
        id="acme/owl", description="Two\nlines", links={"details": "/x", "more": [1, 2]}, future=[{"a": "1e-7"}]
    )
    pretty = json.dumps(sent, indent=2).replace("\n", line_end).encode()
    models, rejects = decode_rows((pretty,))
    assert (len(models), rejects) == (1, ())
    export = render_ndjson(Row(model, "active") for model in models)
    lines = export.decode().split("\n")
    assert (len(lines), lines[1], "\r" in export.decode()) == (2, "", False)
    shown = json.loads(lines[0])
    assert (shown["description"], shown["links"], shown["future"]) == (
        sent["description"],
        sent["links"],
        sent["future"],
    )
