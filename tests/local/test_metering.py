"""Units are counted for every session, also for those that libraries make."""

from __future__ import annotations

from types import SimpleNamespace

import botocore.session

from infra.local.metering import HANDLERS, Meter, Units, install


def model(name: str) -> SimpleNamespace:
    return SimpleNamespace(name=name)


def test_calls_are_asked_for_their_units() -> None:
    meter = Meter()
    assert meter.ask({}, model("PutItem")) == {"ReturnConsumedCapacity": "TOTAL"}
    own = {"ReturnConsumedCapacity": "INDEXES"}
    assert meter.ask(dict(own), model("Query")) == own
    assert meter.ask({}, model("DescribeTable")) == {}


def test_reads_and_writes_are_summed_apart() -> None:
    meter = Meter()
    meter.count({"ConsumedCapacity": {"CapacityUnits": 0.5}}, model("GetItem"))
    both = [{"CapacityUnits": 2.0}, {"CapacityUnits": 3.0}]
    meter.count({"ConsumedCapacity": both}, model("TransactWriteItems"))
    meter.count({}, model("PutItem"))
    assert meter.units() == Units(read=0.5, write=5.0)


def test_installing_twice_counts_once() -> None:
    install()
    install()
    for handler in HANDLERS:
        assert botocore.handlers.BUILTIN_HANDLERS.count(handler) == 1
