"""The OpenAPI document on disk is what the code says."""

from __future__ import annotations

import json

from infra.openapi import PATH, document
from tests.functions.calls import body, call, load, with_fields


def test_the_document_on_disk_is_up_to_date() -> None:
    assert document() == PATH.read_text(encoding="utf-8"), "run make openapi"


def test_a_refusal_has_the_documented_members() -> None:
    schema = json.loads(document())["components"]["schemas"]["Problem"]
    answer = call("scan_signup", with_fields(load("scan_signup/receipt"), token="x"))
    assert body(answer).keys() == set(schema["required"]) == set(schema["properties"]) - {"detail"}
