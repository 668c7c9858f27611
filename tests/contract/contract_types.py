"""The contract's own types as a JSON schema, written by hand from its section 1: nothing is nullable."""

from pathlib import Path

import jsonschema_rs
import msgspec

_SCHEMA = Path(__file__).resolve().parents[1] / "data" / "contract" / "listing.schema.json"
_CHECKER = jsonschema_rs.Draft202012Validator(msgspec.json.decode(_SCHEMA.read_bytes()))


def wrong_types(answer: bytes) -> list[str]:
    """Where an answer in the default view departs from the contract's types; empty when nowhere."""
    found = _CHECKER.iter_errors(msgspec.json.decode(answer))
    return [f"{'/'.join(map(str, problem.instance_path))}: {problem.message}" for problem in found]
