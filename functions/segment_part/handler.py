"""One task of the state machine that runs a night in parts (infra/segment_night.asl.yaml)."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.night import Begin, Finish, Label, Publish, Step, Tally, count_night, read_step
from siyu.api.schedule import not_ahead
from siyu.invocation import invoked
from siyu.services.segment_parts import (
    begin_parts,
    finish_parts,
    label_part,
    publish_lines,
    ranges,
    tally_part,
)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the machine; returns what its next states need: days, ranges, pages."""
    step = read_step(event)
    return {"as_of": step.as_of.isoformat(), **_do(step)}


def _do(step: Step) -> dict[str, Any]:
    match step:
        case Begin():
            # The clock is a guard, and no date that counts: somebody may mistype the day.
            night = begin_parts(not_ahead(step.as_of, datetime.now(UTC)))
            if night is None:
                return {"over": True}
            return {"over": False, "night": night.isoformat(), "ranges": ranges()}
        case Tally():
            tally_part(step.as_of, range(*step.shards))
            return {}
        case Publish():
            return {"page_shards": publish_lines(step.as_of)}
        case Label():
            label_part(step.as_of, range(*step.shards), step.page_shards)
            return {}
        case Finish():
            count_night(finish_parts(step.as_of))
            return {}
