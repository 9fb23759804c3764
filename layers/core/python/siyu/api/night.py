"""The nightly segmentation: what its schedule and its state machine say, and what is counted."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from siyu.counts import count
from siyu.domain.night_report import Report
from siyu.runtime import logger


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date


class Begin(_Step):
    """Begin a night."""

    step: Literal["begin"]


class Tally(_Step):
    """Count the members of some shards: those from the first to before the second."""

    step: Literal["tally"]
    shards: tuple[int, int]


class Publish(_Step):
    """Draw the lines and publish them."""

    step: Literal["publish"]


class Label(_Step):
    """Label the members of some shards; their changes go into so many pages."""

    step: Literal["label"]
    shards: tuple[int, int]
    page_shards: int = Field(ge=1)


class Finish(_Step):
    """Add up the reports."""

    step: Literal["finish"]


Step = Begin | Tally | Publish | Label | Finish
_STEPS: TypeAdapter[Step] = TypeAdapter(Annotated[Step, Field(discriminator="step")])


def read_step(event: Any) -> Step:
    """What the state machine wants done. Raises pydantic's ValidationError for anything else."""
    return _STEPS.validate_python(event)


def machine_of(event: dict[str, Any]) -> str | None:
    """The ARN of the state machine, where the schedule names one."""
    return event.get("machine")


def count_night(reports: Collection[Report]) -> None:
    """Count the members of a night that is over, and the labels it wrote. Without reports it was
    overtaken by a later one: that is no night that was done, and an alarm watches for those."""
    if not reports:
        logger.info("night_overtaken")
        return
    members = max(report.members for report in reports)
    changed = sum(report.changed for report in reports)
    count("MemberSegmented", members)
    count("LabelChanged", changed)
    logger.info("members_segmented", members=members, changed=changed)


def tell(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """Reports as JSON has them."""
    return [{**asdict(report), "as_of": report.as_of.isoformat()} for report in reports]
