"""Where a night is run: here, or by the state machine, part by part."""

from datetime import date

from siyu.domain.night_report import Report
from siyu.services.segment_members import segment_members
from siyu.storage import keys, nights, schemes
from siyu.storage.machine import start_night

# A member takes some 200 bytes while the night runs, so these take 1 GB of the function's 1,769 MB.
ONE_PROCESS_MEMBERS = 5_000_000


def run_night(as_of: date, machine: str | None) -> list[Report] | None:
    """Segment everybody as of a business day; None where the machine with this ARN does it.

    The last reports say how many members there are. Raises ContentionError when the night should be
    run again.
    """
    if machine is not None and members_before(as_of) > ONE_PROCESS_MEMBERS:
        start_night(machine, as_of)
        return None
    return segment_members(as_of)


def members_before(as_of: date) -> int:
    """How many members the last reports up to a day counted; 0 before the first night."""
    names = [one.name for one in schemes.load().on(as_of)]
    found = [nights.latest(name, keys.RUN_PREFIX, as_of) for name in names]
    return max((last[1]["members"] for last in found if last is not None), default=0)
