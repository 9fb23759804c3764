"""An audience's file holds whom the definition names, however often it is written."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest

from siyu import aws
from siyu.domain.asked_audience import KEPT
from siyu.domain.consents import Consent, Purpose
from siyu.domain.schemes import DEFAULT, Schemes
from siyu.errors import UnavailableError
from siyu.services.audience_rows import COLUMNS
from siyu.services.export_audience import export_audience
from siyu.services.record_consent import record_consent
from siyu.services.request_audience import ask_for, find
from siyu.services.segment_members import segment_members
from siyu.settings import settings
from siyu.storage import audiences, parquet, schemes
from tests.faults import KilledError
from tests.functions.audience_events import AUDIENCE, KEY, QUERY
from tests.functions.calls import ANN, batch, call, join, load, queued
from tests.functions.make_events import changed
from tests.functions.test_console_audience import by, looked_at, wanted
from tests.services.audience_crowd import Row, crowd, told
from tests.services.shop import TODAY, paid, receipt, settle
from tests.support import NOW, dump

DONE: Row = {"batchItemFailures": []}
BODY = {"scheme": "default", **QUERY}


def queue() -> list[str]:
    """Take all messages off the queue of audiences."""
    client, url = aws.client("sqs"), settings().audiences_queue_url
    found = []
    while messages := client.receive_message(QueueUrl=url).get("Messages"):
        for one in messages:
            found.append(one["Body"])
            client.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return found


def stored(name: str, audience: str = AUDIENCE) -> bytes:
    where = {"Bucket": settings().audiences_bucket, "Key": f"audiences/{audience}/{name}"}
    content: bytes = aws.client("s3").get_object(**where)["Body"].read()
    return content


def rows_of(content: bytes, folder: Path) -> list[Row]:
    """What DuckDB reads in a file, in its order."""
    file = folder / "read.parquet"
    file.write_bytes(content)
    with duckdb.connect() as connection:
        found = connection.read_parquet(str(file))
        assert dict(zip(found.columns, map(str, found.types), strict=True)) == COLUMNS
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    queue()


@pytest.fixture
def asked() -> None:
    crowd(200)
    segment_members(TODAY)
    queue()
    ask_for(BODY, "cat", NOW, KEY)


@pytest.mark.usefixtures("asked")
def test_what_is_asked_for_ends_as_a_file_of_whom_the_definition_names(
    tmp_path: Path, output: Callable[[], str]
) -> None:
    (item,) = [one for one in dump().values() if one["kind"]["S"] == "AUDIENCE"]
    assert call("member_changes", changed(("INSERT", item))) == DONE
    messages = queue()
    assert batch(*messages) == load("audience_export/asked")
    assert call("audience_export", batch(*messages)) == DONE
    rows, shown = told(wanted), looked_at(by("cat", "show"))
    assert len(rows) >= 10
    content = stored("members.parquet")
    assert rows_of(content, tmp_path) == rows
    assert (shown["state"], shown["members"], shown["bytes"]) == ("done", len(rows), len(content))
    assert shown["key"] == f"audiences/{AUDIENCE}/members.parquet"
    assert json.loads(stored("_query.json")) == {
        "id": AUDIENCE,
        "query": BODY,
        "scheme": "default",
        "scheme_version": 1,
        "as_of": TODAY.isoformat(),
        "asked_by": "cat",
        "asked_at": "2026-11-22T04:00:00+00:00",
        "members": len(rows),
    }
    assert looked_at(by("cat", "preview"))["members"] == len(rows)
    assert '"audience_exported"' in output()


@pytest.mark.usefixtures("asked")
def test_the_link_downloads_the_file_and_nothing_else(tmp_path: Path) -> None:
    export_audience(AUDIENCE, NOW)
    url = looked_at(by("bob", "show"))["url"]
    with urllib.request.urlopen(url) as answer:
        assert rows_of(answer.read(), tmp_path) == told(wanted)
    signed = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert signed["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert signed["X-Amz-Expires"] == "900"
    forged = url.replace("members.parquet", "_query.json")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(forged)


@pytest.mark.usefixtures("asked")
def test_a_second_delivery_writes_the_same_file() -> None:
    event = load("audience_export/asked")
    assert call("audience_export", event) == DONE
    files = [stored("members.parquet"), stored("_query.json")]
    before = dump()
    assert call("audience_export", event) == DONE
    assert [stored("members.parquet"), stored("_query.json")] == files
    assert dump() == before


@pytest.mark.usefixtures("asked")
def test_a_later_night_does_not_change_what_was_asked(tmp_path: Path) -> None:
    basis = find(AUDIENCE, NOW).basis
    again = Schemes((replace(DEFAULT, version=2, effective_from=TODAY, lost_days=20),))
    schemes.append(Schemes(), again.published[0], {})
    segment_members(TODAY + timedelta(days=1))
    export_audience(AUDIENCE, NOW)
    rows = rows_of(stored("members.parquet"), tmp_path)
    assert rows == told(wanted, basis)
    assert rows != told(wanted)


def test_whoever_refuses_profiling_meanwhile_is_in_no_file(tmp_path: Path) -> None:
    join(ANN, receipt(1), "openid-ann")
    paid("1", 5_000, buyer_id="ann", receipt_token=receipt(1))
    settle()
    segment_members(TODAY)
    asked_id = ask_for({"scheme": "default"}, "cat", NOW, None).audience_id
    export_audience(asked_id, NOW)
    (row,) = rows_of(stored("members.parquet", asked_id), tmp_path)
    assert (row["member_id"], row["orders_ever"], row["r"]) == (ANN, 1, None)
    refusal = Consent(Purpose.PROFILING, False, "1", "0" * 64, "mini_program", NOW)
    record_consent(ANN, refusal)
    export_audience(asked_id, NOW)
    assert rows_of(stored("members.parquet", asked_id), tmp_path) == []
    assert find(asked_id, NOW).members == 0


@pytest.mark.usefixtures("asked")
def test_a_file_that_cannot_be_put_is_told_and_tried_again(output: Callable[[], str]) -> None:
    event = load("audience_export/asked")
    with patch.dict(os.environ, AUDIENCES_BUCKET="nowhere"):
        settings.cache_clear()
        answer = call("audience_export", event)
    settings.cache_clear()
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    shown = looked_at(by("cat", "show"))
    assert (shown["state"], shown["problem"], shown["url"]) == ("failed", "UnavailableError", None)
    assert "event_failed" in output()
    assert call("audience_export", event) == DONE
    shown = looked_at(by("cat", "show"))
    assert (shown["state"], shown["problem"]) == ("done", None)


@pytest.mark.usefixtures("asked")
def test_what_is_done_stays_done_when_a_further_delivery_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export_audience(AUDIENCE, NOW)
    before = dump()
    monkeypatch.setenv("AUDIENCES_BUCKET", "nowhere")
    settings.cache_clear()
    with pytest.raises(UnavailableError):
        export_audience(AUDIENCE, NOW)
    monkeypatch.undo()
    settings.cache_clear()
    assert dump() == before


@pytest.mark.usefixtures("asked")
def test_a_try_that_nobody_hears_of_again_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def killed(*_: object) -> None:
        seen.append(looked_at(by("cat", "show")))
        raise KilledError

    monkeypatch.setattr(parquet, "write", killed)
    for _ in range(2):
        with pytest.raises(KilledError):
            export_audience(AUDIENCE, NOW)
    shown = looked_at(by("cat", "show"))
    assert (shown["state"], shown["problem"], shown["attempts"]) == ("running", "interrupted", 2)
    assert [one["attempts"] for one in seen] == [1, 2]
    monkeypatch.undo()
    export_audience(AUDIENCE, NOW)
    shown = looked_at(by("cat", "show"))
    assert (shown["state"], shown["problem"], shown["attempts"]) == ("done", None, 3)


@pytest.mark.usefixtures("asked")
def test_an_audience_that_has_ended_is_not_written(output: Callable[[], str]) -> None:
    before = dump()
    (record,) = load("audience_export/asked")["Records"]
    for ends, says in ((NOW + KEPT, "audience_gone"), (NOW, "audience_exported")):
        sent = {**record["attributes"], "SentTimestamp": str(int(ends.timestamp() * 1000))}
        assert call("audience_export", {"Records": [{**record, "attributes": sent}]}) == DONE
        assert f'"{says}"' in output()
        assert (dump() == before) == (says == "audience_gone")


def test_an_audience_that_is_gone_stays_gone(output: Callable[[], str]) -> None:
    segment_members(TODAY)
    before = dump()
    assert call("audience_export", {"Records": [queued(AUDIENCE)]}) == DONE
    assert '"audience_gone"' in output()
    audiences.finish(AUDIENCE, 1, 1)
    audiences.fail(AUDIENCE, "x")
    assert dump() == before


def test_large_files_have_several_row_groups_in_the_order_of_ids(tmp_path: Path) -> None:
    parts, count = tmp_path / "parts", 3 * parquet.ROWS_PER_GROUP
    parts.mkdir()
    for turn in (1, 0):
        with (parts / f"{turn}.csv").open("w") as part:
            part.writelines(f"{number:07}\n" for number in range(turn, count, 2))
    into = tmp_path / "members.parquet"
    parquet.write(parts, {"member_id": "VARCHAR"}, "member_id", into)
    columns = "row_group_id, stats_min, stats_max, compression"
    with duckdb.connect() as connection:
        asked = connection.execute(f"select {columns} from parquet_metadata('{into}')")
        told_of = asked.fetchall()
    assert len(told_of) == 3
    assert [one[1:3] for one in told_of] == [
        (f"{begin:07}", f"{begin + parquet.ROWS_PER_GROUP - 1:07}")
        for begin in range(0, count, parquet.ROWS_PER_GROUP)
    ]
    assert {one[3] for one in told_of} == {"ZSTD"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["members.parquet", "parts"]
