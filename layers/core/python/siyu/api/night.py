"""The nightly segmentation: what its schedule and its state machine say, and what is counted."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from siyu.domain.night_report import Report
from siyu.runtime import logger, metrics


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


def count_night(reports: Iterable[Report]) -> dict[str, int]:
    """Count a night that is over; returns its members and the labels it wrote."""
    told = list(reports)
    members = max((report.members for report in told), default=0)
    changed = sum(report.changed for report in told)
    metrics.add_metric("MemberSegmented", MetricUnit.Count, members)
    metrics.add_metric("LabelChanged", MetricUnit.Count, changed)
    logger.info("members_segmented", members=members, changed=changed)
    return {"members": members, "changed": changed}
