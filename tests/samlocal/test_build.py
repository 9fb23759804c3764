"""What `sam local` is given: a template that declares every setting, and their values."""

from __future__ import annotations

from dataclasses import fields

from infra.local.cloud import sdk_environment
from infra.samlocal import build
from infra.samlocal.containers import ARCHITECTURE
from siyu.settings import Settings
from tests.samlocal.invoke import environment
from tests.support import table_name
from tests.template.reading import functions, template

SDKS = sdk_environment("http://127.0.0.1:8000", "http://127.0.0.1:4566")


def test_the_template_declares_the_settings_and_what_sdks_read_and_no_more() -> None:
    built = build.local_template(template(), SDKS)
    declared = set(built["Globals"]["Function"]["Environment"]["Variables"])
    libraries = {name for name in declared if name.startswith(("POWERTOOLS_", "PYDANTIC_"))}
    settings = {field.name.upper() for field in fields(Settings)}
    assert declared == settings | set(SDKS) | libraries
    assert built["Parameters"]["Architecture"]["Default"] == ARCHITECTURE


def test_the_projects_own_template_stays_as_it_is() -> None:
    before = repr(template())
    build.local_template(template(), SDKS)
    assert repr(template()) == before


def test_all_functions_share_one_environment() -> None:
    """So one list of values is enough for --env-vars."""
    assert len({str(one["Environment"]) for one in functions().values()}) == 1


def test_every_setting_has_a_value_on_this_machine() -> None:
    values = environment()
    assert values["TABLE_NAME"] == table_name()
    assert all(values[field.name.upper()] for field in fields(Settings))
    assert all(values[name] for name in SDKS)


def test_engines_are_called_as_containers_call_them() -> None:
    values = {"A": "http://127.0.0.1:8000", "B": "x,http://127.0.0.1:81/q", "C": "127.0.0.1:9"}
    assert build.ports_in(values) == [81, 8000]
    assert build.seen_from_containers(values, "192.0.2.1") == {
        "A": "http://192.0.2.1:8000",
        "B": "x,http://192.0.2.1:81/q",
        "C": "127.0.0.1:9",
    }
