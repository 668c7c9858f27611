"""Changes as they are shown: values untouched, and what only some kinds have."""

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given

from llmanac.catalogue.change import Cause, Change, ChangeKind
from llmanac.catalogue.ids import ModelId, Serial
from llmanac.catalogue.snapshot import ListScope
from llmanac.history.certainty import Certainty, RemovalCertainty
from llmanac.render.changes import ShownChange, show_change
from llmanac.store.rows import SeenChange
from tests.contract.oracle import Json
from tests.strategies import json_values, quick, spell

SEEN_AT = datetime(2026, 10, 26, 4, tzinfo=UTC)
SINCE_AT = datetime(2026, 10, 26, 3, tzinfo=UTC)
RECORD = '{"id": "acme/owl", "name": "Owl – 2", "expiration_date": "2026-10-27"}'


def seen(
    kind: ChangeKind = ChangeKind.PRICE,
    field: str = "pricing.prompt",
    before: str | None = None,
    after: str | None = None,
    *,
    label: Cause = Cause.REAL,
) -> SeenChange:
    change = Change(ModelId("acme/owl"), kind, field, before, after, Cause.REAL)
    return SeenChange(Serial(42), SEEN_AT, SINCE_AT, ListScope.ALL, change, label)


def shown(*facts: str | None, kind: ChangeKind = ChangeKind.PRICE, field: str = "pricing.prompt") -> ShownChange:
    return show_change(seen(kind, field, *facts), None)


def test_a_change_is_shown_with_all_that_is_known_of_it() -> None:
    found = show_change(seen(before='"0.0000020"', after='"15e-7"', label=Cause.FLAP), None)
    assert msgspec.json.encode(found) == (
        b'{"serial":42,"model":"acme/owl","name":null,"kind":"price","field":"pricing.prompt",'
        b'"before":"0.0000020","after":"15e-7","percent":"-25.00","cause":"flap","own_cause":"real",'
        b'"seen_at":"2026-10-26T04:00:00Z","since_at":"2026-10-26T03:00:00Z",'
        b'"certainty":null,"confirmed_at":null,"announced":null}'
    )


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        ('"0.000003"', '"0.000001"', "-66.67"),
        ('"0.000001"', '"0.000003"', "200.00"),
        ('"1"', '"1.00004"', "0.00"),
        ('"1"', '"0"', "-100.00"),
        ('"0"', '"1"', None),
        ('"1"', '"-1"', None),
        (None, '"1"', None),
        ('"1"', None, None),
        ('"1"', "[]", None),
    ],
)
def test_a_price_has_a_percent_where_there_is_one(before: str | None, after: str | None, percent: str | None) -> None:
    assert shown(before, after).percent == percent


def test_only_prices_have_a_percent() -> None:
    assert shown('"1"', '"2"', kind=ChangeKind.OTHER, field="knowledge_cutoff").percent is None


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (ChangeKind.ADDED, None, RECORD),
        (ChangeKind.RETURNED, None, RECORD),
        (ChangeKind.REMOVED, RECORD, None),
    ],
)
def test_a_whole_model_is_shown_by_its_name_and_not_by_its_record(
    kind: ChangeKind, before: str | None, after: str | None
) -> None:
    found = shown(before, after, kind=kind, field="")
    assert (found.name, bytes(found.before), bytes(found.after)) == ("Owl – 2", b"null", b"null")


@pytest.mark.parametrize("record", ['{"id": "acme/owl"}', '{"name": null}', '{"name": 7}', '{"name": ["Owl"]}'])
def test_a_model_may_have_no_name(record: str) -> None:
    assert shown(None, record, kind=ChangeKind.ADDED, field="").name is None


def test_a_removal_says_how_sure_it_is_and_whether_it_was_announced() -> None:
    removal = seen(ChangeKind.REMOVED, "", RECORD)
    sure = show_change(removal, RemovalCertainty(Certainty.CONFIRMED, SEEN_AT))
    assert (sure.certainty, sure.confirmed_at, sure.announced) == (Certainty.CONFIRMED, SEEN_AT, date(2026, 10, 27))
    unsure = show_change(removal, RemovalCertainty(Certainty.SUSPECTED, None))
    assert (unsure.certainty, unsure.confirmed_at) == (Certainty.SUSPECTED, None)
    sentinel = seen(ChangeKind.REMOVED, "", RECORD.replace("2026-10-27", "2098-12-31"))
    assert show_change(sentinel, None).announced is None
    assert shown(None, RECORD, kind=ChangeKind.ADDED, field="").announced is None


@quick
@given(json_values(), json_values())
def test_values_are_shown_letter_for_letter(before: Json, after: Json) -> None:
    found = shown(spell(before), spell(after), kind=ChangeKind.OTHER, field="new")
    encoded = msgspec.json.encode(found).decode()
    assert f'"before":{spell(before)},"after":{spell(after)},"percent"' in encoded
    assert msgspec.json.encode(msgspec.json.decode(encoded, type=ShownChange)).decode() == encoded
