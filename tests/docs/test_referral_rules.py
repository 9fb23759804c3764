"""docs/referral-rules.md names every field, its default and every entry; its rules are taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from siyu.api.programme import ProgrammeRequest
from siyu.api.programme_parts import ChecksBody, FriendCouponBody
from siyu.domain.ledger import EntryKind
from tests.docs.reading import DOCS, READMES, blocks, rows

PAGE = DOCS / "referral-rules.md"
NESTED: dict[str, type[BaseModel]] = {"coupon": FriendCouponBody, "checks": ChecksBody}
EXAMPLES = [*blocks(PAGE, "json"), *(body for body in blocks(READMES[0], "json") if "_bp" in body)]


def defaults(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Field to default, as JSON has it; what is required, or said in words, is left as None."""
    found = {}
    for name, field in model.model_fields.items():
        words = field.is_required() or name in {"effective_from", "checks"}
        found[f"{prefix}{name}"] = None if words else json.dumps(field.default)
        if name in NESTED:
            found |= defaults(NESTED[name], f"{name}.")
    return found


def test_every_field_is_listed_with_its_default() -> None:
    listed = {name.strip("`"): default for name, _, _, default, _ in rows(PAGE, "## Fields")}
    expected = defaults(ProgrammeRequest)
    assert listed.keys() == expected.keys()
    for name, default in expected.items():
        words = default is None or name in {"rate_bp", "fixed_minor"}
        assert words or listed[name] == f"`{default}`", name


def test_every_example_of_a_field_is_one_of_its_values() -> None:
    shown = {name.strip("`"): cell for name, *_, cell in rows(PAGE, "## Fields")}
    plain = {name: json.loads(cell.strip("`")) for name, cell in shown.items() if "`" in cell}
    fields = {name: value for name, value in plain.items() if "." not in name}
    for name, model in NESTED.items():
        inner = {key.partition(".")[2]: v for key, v in plain.items() if key.startswith(f"{name}.")}
        assert inner.keys() == model.model_fields.keys()
        fields[name] = inner
    ProgrammeRequest.model_validate({**fields, "fixed_minor": None})
    ProgrammeRequest.model_validate({**fields, "rate_bp": None})


def test_every_kind_of_entry_is_told() -> None:
    told = [kind.strip("`") for kind, *_ in rows(PAGE, "### Entries")]
    assert told == [kind.name for kind in EntryKind]


@pytest.mark.parametrize("body", EXAMPLES, ids=[json.loads(one)["version"] for one in EXAMPLES])
def test_every_example_is_taken_as_it_is(body: str) -> None:
    draft = ProgrammeRequest.model_validate_json(body).to_draft()
    assert draft.programme.version == json.loads(body)["version"]


def test_one_example_has_every_field_and_one_pauses() -> None:
    full, pause = map(json.loads, blocks(PAGE, "json"))
    assert full.keys() == ProgrammeRequest.model_fields.keys()
    assert all(full[name].keys() == model.model_fields.keys() for name, model in NESTED.items())
    assert pause["enabled"] is False
