"""The guide to a deployment names what there is, in both languages alike."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from infra.cli.options import parser
from infra.local.template import load_template
from siyu import secrets
from tests.docs.reading import DOCS, ROOT, blocks, headings, links, rows, text_of

PAGES = (DOCS / "deploy.md", DOCS / "deploy.zh-CN.md")
ENGLISH, CHINESE = PAGES
TEMPLATE = load_template(ROOT / "template.yaml")
SAMCONFIG = ROOT / "samconfig.toml"
STAGES = {"dev": "default"}
# The CLI's own: they are no operations of a service.
OWN = {("configure",), ("logs", "tail")}
GLOBAL = {"query", "output", "profile", "region"}


def commands() -> str:
    return "\n".join(blocks(ENGLISH, "sh")).replace("\\\n", " ")


def test_both_languages_have_the_same_shape_commands_and_links() -> None:
    assert headings(ENGLISH) == headings(CHINESE)
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert set(links(ENGLISH)) - {CHINESE.name} == set(links(CHINESE)) - {ENGLISH.name}
    cells = [re.findall(r"^\| `([^`]+)`", text_of(page), re.MULTILINE) for page in PAGES]
    assert cells[0] == cells[1]


def test_every_parameter_of_the_template_is_explained() -> None:
    listed = [cells[0].strip("`") for cells in rows(ENGLISH, "## Deploy")]
    assert sorted(listed) == sorted(TEMPLATE["Parameters"])


def test_every_output_and_resource_that_a_command_asks_for_exists() -> None:
    text = text_of(ENGLISH)
    outputs = set(re.findall(r"\boutput ([A-Z]\w+)", text))
    resources = set(re.findall(r"\bresource ([A-Z]\w+)", text))
    assert outputs <= TEMPLATE["Outputs"].keys()
    assert resources <= TEMPLATE["Resources"].keys()
    assert "ApiUrl" in outputs
    assert "HttpApi" in resources


def test_what_stays_after_a_deletion_is_what_the_template_keeps() -> None:
    _, _, below = text_of(ENGLISH).partition("What holds data stays")
    named = set(re.findall(r"`([A-Z]\w+)`", below.partition("```")[0])) - {"FixedEgress"}
    resources = TEMPLATE["Resources"].items()
    kept = {name for name, own in resources if own.get("DeletionPolicy", "").startswith("Retain")}
    assert named == kept


def test_every_stage_is_one_of_samconfig() -> None:
    stages = tomllib.loads(SAMCONFIG.read_text(encoding="utf-8"))
    for stage, command, stack, _ in rows(ENGLISH, "## Stages"):
        told = stages[STAGES.get(stage, stage)]["deploy"]["parameters"]
        assert told["stack_name"] == stack.strip("`")
        assert stage == "dev" or f"--config-env {stage}`" in command


def test_the_first_command_leaves_parameters_that_the_template_takes(tmp_path: Path) -> None:
    (line,) = [line for line in commands().splitlines() if line.startswith("sed -i.bak")]
    shutil.copy(SAMCONFIG, tmp_path)
    subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, check=True)
    changed = tomllib.loads((tmp_path / SAMCONFIG.name).read_text(encoding="utf-8"))
    stages = [
        own["deploy"]["parameters"]
        for own in changed.values()
        if isinstance(own, dict) and "deploy" in own
    ]
    assert len(stages) >= 3
    for stage in stages:
        given = dict(pair.split("=", 1) for pair in shlex.split(stage["parameter_overrides"]))
        assert {"WeChatAppId", "AlarmEmail", "LogLevel"} <= given.keys()
        for name, value in given.items():
            own = TEMPLATE["Parameters"][name]
            assert re.search(own.get("AllowedPattern", ""), value)
            assert value in map(str, own.get("AllowedValues", [value]))


def test_the_secret_has_the_fields_of_the_template_and_can_be_read() -> None:
    (body,) = blocks(ENGLISH, "json")
    told = json.loads(body)
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    found = re.search(r"SecretStringTemplate: '(.+)'", template)
    assert found is not None
    assert told.keys() == {*json.loads(found[1]), "master_key"}
    assert [secrets._source(name, own).secrets for name, own in told["webhooks"].items()]
    wecom = secrets._account(told["wecom"])
    assert wecom is not None
    assert wecom.provider is False


def asked_of_siyu() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        yield from re.findall(r"(?<![\w./])siyu ([a-z]+) ([a-z]+)", text_of(page))


@pytest.mark.parametrize("words", sorted(set(asked_of_siyu())), ids=" ".join)
def test_every_command_of_siyu_exists(
    words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parser().parse_args([*words, "--help"])
    assert stopped.value.code == 0
    assert f"siyu {words[0]} {words[1]}" in capsys.readouterr().out


def asked_of_aws() -> list[list[str]]:
    """Every AWS command of the page, word by word, up to where the shell goes on."""
    found = re.findall(r"\baws ([a-z0-9]+ [^\n|;]+)", commands())
    return [re.sub(r"#.*", "", one).split() for one in found]


def test_every_aws_command_and_option_is_one_of_the_services() -> None:
    session = botocore.session.get_session()
    asked = [one for one in asked_of_aws() if not any(tuple(one[: len(own)]) == own for own in OWN)]
    assert len(asked) > 20
    for service, operation, *words in asked:
        model: Any = session.get_service_model(service)
        if operation == "wait":
            waiters = session.get_waiter_model(service).waiter_names
            assert words[0] in {xform_name(name, "-") for name in waiters}, (service, words)
            continue
        names = {xform_name(name, "-"): name for name in model.operation_names}
        assert operation in names, (service, operation)
        shape = model.operation_model(names[operation]).input_shape
        members = {xform_name(name, "-") for name in (shape.members if shape else ())}
        given = {word[2:].removeprefix("no-") for word in words if re.match(r"--[a-z]", word)}
        assert given <= members | GLOBAL, (service, operation, given - members)
