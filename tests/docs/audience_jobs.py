"""Jobs of docs/data-model.md about audiences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from siyu.domain.audience import Query
from siyu.services import request_audience
from siyu.services.export_audience import export_audience
from siyu.services.preview_audience import preview
from siyu.services.segment_members import segment_members
from tests.services.audience_crowd import crowd
from tests.services.shop import TODAY
from tests.support import NOW

Job = Callable[[], Callable[[], object]]
EVERYBODY = {"scheme": "default"}


def _night() -> None:
    crowd(300)
    segment_members(TODAY)


def counted() -> Callable[[], object]:
    _night()
    return lambda: preview(Query.of_body(EVERYBODY), lambda: False)


def asked() -> Callable[[], object]:
    _night()
    return lambda: request_audience.ask_for(EVERYBODY, "cat", NOW, None)


def asked_again() -> Callable[[], object]:
    _night()
    request_audience.ask_for(EVERYBODY, "cat", NOW, "key")
    return lambda: request_audience.ask_for(EVERYBODY, "cat", NOW, "key")


def written() -> Callable[[], object]:
    _night()
    name = request_audience.ask_for(EVERYBODY, "cat", NOW, None).audience_id
    return lambda: export_audience(name, NOW)


def listed() -> Callable[[], object]:
    _night()
    for number in range(10):
        request_audience.ask_for(EVERYBODY, "cat", NOW + timedelta(seconds=number), None)
    return lambda: request_audience.latest(NOW)


JOBS: dict[str, Job] = {
    "Count the members of a query, 300 in all": counted,
    "Ask for an audience": asked,
    "Ask again with the same key": asked_again,
    "Write an audience's file, 300 members in all": written,
    "List ten audiences": listed,
}
