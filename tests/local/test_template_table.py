"""`python -m infra.local table` makes the very table of the template."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local.__main__ import main
from infra.local.aws_json import AwsJson
from infra.local.engine import start_engine
from infra.local.process import stop_all
from infra.local.resolver import REGION


def test_the_table_is_the_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = start_engine(tmp_path)
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint)
        assert main(["table", "siyu-by-hand"]) == 0
        assert main(["table", "siyu-by-hand"]) == 0
        with AwsJson(engine.endpoint, "dynamodb", REGION) as client:
            table = client.call("DescribeTable", TableName="siyu-by-hand")["Table"]
    finally:
        stop_all([engine.process])
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["PK", "SK"]
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {"GSI1", "GSI2"}


def test_without_an_endpoint_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    assert main(["table", "siyu-by-hand"]) == 1
    assert "AWS_ENDPOINT_URL_DYNAMODB" in capsys.readouterr().err


def test_with_nobody_there_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    assert main(["table", "siyu-by-hand"]) == 1
    assert "no DynamoDB answers" in capsys.readouterr().err
