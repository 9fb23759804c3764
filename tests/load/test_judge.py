"""What is compared with the table, and that a wrong total is noticed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.load import judge, report, table
from tests.load.book import Expected
from tests.load.report import Sample
from tests.load.test_book import book

Raw = dict[str, Any]


def item(kind: str, pk: str, sk: str, **fields: Any) -> Raw:
    """As the API gives it; numbers as numbers, everything else as text."""
    shaped = {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in fields.items()
    }
    return {"kind": {"S": kind}, "PK": {"S": pk}, "SK": {"S": sk}, **shaped}


def standing() -> list[Raw]:
    """The table in which the book of `test_book` was recorded."""
    return [
        item("PROFILE", "M#ann", "PROFILE", member_id="ann"),
        item("PROFILE", "M#bob", "PROFILE", member_id="bob"),
        item("REFERRER", "M#bob", "REFERRER", referee_id="bob", referrer_id="ann"),
        item("RECEIPT", "C#r1", "RECEIPT", receipt_key="r1", claimed_by="bob"),
        item("ORDER", "O#shop#1", "ORDER", order_key="shop#1", paid_minor=19_999, member_id="bob"),
        item("ORDER", "O#shop#2", "ORDER", order_key="shop#2", paid_minor=999, member_id="bob"),
        item("AGGREGATE", "AGG#1", "ann", z="ann|1||1|-|0|0|0|0|0"),
        item("AGGREGATE", "AGG#2", "bob", z="bob|3||1|-|1|1|1|2|20998"),
        item("BALANCE", "L#ann#0", "BALANCE", released_minor=600),
        item("BALANCE", "L#ann#1", "BALANCE", released_minor=399),
    ]


def test_what_stands_is_what_was_accepted() -> None:
    assert judge.differences(Expected(book()).state(), table.read(standing())) == []


@pytest.mark.parametrize(
    ("number", "changes", "named"),
    [
        (4, {"paid_minor": {"N": "19998"}}, "order shop#1"),
        (7, {"z": {"S": "bob|3||1|-|1|1|1|2|20997"}}, "net bob"),
        (9, {"released_minor": {"N": "400"}}, "credit ann"),
        (3, {"claimed_by": {"S": "ann"}}, "claim r1"),
    ],
)
def test_a_wrong_total_is_noticed(number: int, changes: Raw, named: str) -> None:
    items = standing()
    items[number].update(changes)
    (found,) = judge.differences(Expected(book()).state(), table.read(items))
    assert found.startswith(f"{named}: ")


def test_what_is_missing_is_noticed_and_what_nobody_accepted_too() -> None:
    expected = Expected(book()).state()
    (missing,) = judge.differences(expected, table.read(standing()[1:]))
    assert missing == "member ann: expected here, found None"
    stranger = item("DELIVERY", "D#shop#msg-9", "DELIVERY")
    (added,) = judge.differences(expected, table.read([*standing(), stranger]))
    assert added == "delivery shop#msg-9: expected None, found kept"


def test_of_two_tellings_either_may_count_and_no_third() -> None:
    some = book()
    some.note("either", source="shop", order="3", minors=[100, 200])
    expected = Expected(some).state()
    for minor, wrong in ((100, 0), (200, 0), (300, 1)):
        told = item("ORDER", "O#shop#3", "ORDER", order_key="shop#3", paid_minor=minor)
        assert len(judge.differences(expected, table.read([*standing(), told]))) == wrong


def test_a_ledger_that_does_not_add_up_is_noticed() -> None:
    alone = item("BALANCE", "L#ann#0", "BALANCE", released_minor=600)
    _, wrong = judge.ledger([alone])
    assert wrong[0].startswith("the ledger does not add up")


def test_an_error_is_one_unless_the_engine_was_away() -> None:
    route = "POST /v1/scans"
    answers = [
        (9.5, 1.0, 500),
        (9.5, 0.1, 500),
        (20.0, 0.1, 503),
        (20.0, 0.1, 418),
        (20.0, 0.1, 409),
    ]
    samples = [Sample(route, *one) for one in answers]
    found = report.routes(samples, {route: {200, 409, 503}}, (10.0, 12.0))
    assert dict(found[route].errors) == {500: 1, 503: 1, 418: 1}
    assert dict(found[route].away) == {500: 1}
