"""What the build compiled of botocore's data is that data, and is what a session reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import botocore
import pytest
from botocore.loaders import Loader

from infra import compile_data
from siyu import aws, aws_data

DATA = Path(botocore.__file__).parent / "data"
NAMES = ("endpoints", "partitions", "sqs/2012-11-05/service-2", "sqs/2012-11-05/paginators-1")


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        for found in DATA.glob(f"{name}.json*"):
            shutil.copy(found, tmp_path / found.relative_to(DATA))
    compile_data.main(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_same_in_the_same_order(compiled: Path, name: str) -> None:
    plain = Loader().load_data(name)
    for path in (*compiled.rglob("*.json"), *compiled.rglob("*.json.gz")):
        path.unlink()
    read = aws_data.Compiled().load_file(str(compiled / name))
    assert read == plain
    assert list(read) == list(plain)


def test_where_nothing_was_compiled_the_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"a": 1}')
    assert aws_data.Compiled().load_file(str(tmp_path / "one")) == {"a": 1}
    assert aws_data.Compiled().load_file(str(tmp_path / "two")) is None


def test_all_clients_share_one_session_that_reads_it() -> None:
    loader = aws.session().get_component("data_loader")
    assert isinstance(loader.file_loader, aws_data.Compiled)
