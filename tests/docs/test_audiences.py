"""docs/audiences.md names every condition and column; its examples are taken, and find members."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from siyu.api.audience import AudienceQuery
from siyu.domain.asked_audience import KEPT
from siyu.domain.audience import MAX_ALTERNATIVES
from siyu.services.audience_rows import COLUMNS
from siyu.services.export_audience import write_file
from siyu.services.preview_audience import MOST_MEMBERS, preview
from siyu.services.read_audience import SHARDS, basis_of
from siyu.services.segment_members import segment_members
from siyu.storage.audience_files import LINK_LASTS
from siyu.storage.parquet import ROWS_PER_GROUP
from tests import support
from tests.docs.reading import DOCS, blocks, rows, text_of
from tests.services.audience_crowd import crowd
from tests.services.shop import TODAY

PAGE = DOCS / "audiences.md"
EXAMPLES = blocks(PAGE, "json")
READ, CREATE = blocks(PAGE, "sql")
# What Athena calls the types of the columns: https://docs.aws.amazon.com/athena/latest/ug/data-types.html
ATHENA = {"VARCHAR": "string", "BIGINT": "bigint", "DATE": "date"}


@pytest.fixture(autouse=True)
def empty() -> None:
    support.empty_table()


def test_every_field_is_listed_and_its_example_taken() -> None:
    listed = {name.strip("`"): example for name, *_, example in rows(PAGE, "## A query")}
    assert listed.keys() == AudienceQuery.model_fields.keys()
    examples = {name: json.loads(example.strip("`")) for name, example in listed.items()}
    assert AudienceQuery.model_validate(examples).body() == examples


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_taken_and_finds_some_members(text: str) -> None:
    crowd(400)
    segment_members(TODAY)
    query = AudienceQuery.model_validate_json(text).to_query()
    assert 0 < preview(query, lambda: False).members < 200


def test_every_column_is_listed_with_its_type() -> None:
    listed = {name.strip("`"): kind for name, kind, _ in rows(PAGE, "## The file")}
    assert listed == COLUMNS
    created = re.findall(r"`(\w+)` (\w+)", CREATE)
    assert created == [(name, ATHENA[kind]) for name, kind in COLUMNS.items()]


def test_the_file_is_read_by_the_statement_of_the_page(tmp_path: Path) -> None:
    crowd(100)
    segment_members(TODAY)
    query = AudienceQuery().to_query()
    written = write_file(query, basis_of("default"), tmp_path / "members.parquet")
    statement = READ.replace("members.parquet", str(tmp_path / "members.parquet"))
    with duckdb.connect() as connection:
        found = connection.execute(statement).fetchall()
    assert sum(members for _, members, _ in found) == written.members
    assert [members for _, members, _ in found] == sorted((m for _, m, _ in found), reverse=True)


def test_the_page_says_the_limits_of_the_code() -> None:
    text = text_of(PAGE)
    assert f"all {len(SHARDS)} shards" in text
    assert (MOST_MEMBERS, MAX_ALTERNATIVES) == (1_000_000, 5)
    assert f"row groups of {ROWS_PER_GROUP:,}" in text
    assert f"deleted after {KEPT.days} days" in text
    assert f"for {LINK_LASTS.seconds // 60} minutes" in text
