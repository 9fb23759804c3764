"""Where a night is run: here, or by the state machine, part by part."""

from datetime import date

from siyu.domain.night_report import Report
from siyu.domain.schemes import DEFAULT
from siyu.services.segment_members import segment_members
from siyu.storage import nights, schemes
from siyu.storage.machine import start_night

# What a member takes at most while a night runs, the first of a scheme too: measured 330 to 360
# bytes with one scheme, 510 to 560 with four, 1,070 to 1,480 with twenty (docs/decisions/0023).
MEMBER_BYTES, SCHEME_BYTES = 300, 60
# Of the function's 1,769 MB. The rest is for the runtime, and for members who join meanwhile.
NIGHT_BYTES = 1_300_000_000


def run_night(as_of: date, machine: str | None) -> list[Report] | None:
    """Segment everybody as of a business day; None where the machine with this ARN does it.

    The last reports say how many members there were. Raises ContentionError when the night should
    be run again.
    """
    if machine is not None and members_before(as_of) > one_process_members(as_of):
        start_night(machine, as_of)
        return None
    return segment_members(as_of)


def one_process_members(as_of: date) -> int:
    """How many members one process holds with the schemes of a night: 3.6 million with one, 860,000
    with twenty."""
    return NIGHT_BYTES // (MEMBER_BYTES + SCHEME_BYTES * len(schemes.load().on(as_of)))


def members_before(as_of: date) -> int:
    """How many members the nights of the last reports up to a day read; 0 before the first."""
    # Of all schemes: with none in force, a night still goes through everybody.
    names = {DEFAULT.name, *(one.name for one in schemes.load().published)}
    found = [nights.last_report(name, as_of) for name in names]
    return max((last.read for last in found if last is not None), default=0)
