"""Rules that contradict themselves: each could be followed, and nobody can have meant it."""

from collections.abc import Iterator

from siyu.domain.holds import UNDONE_WITHIN
from siyu.domain.programmes import Programme

# A till undoes what was paid with credit for so long, and the last day is a whole one.
MAX_RETURN_DAYS = UNDONE_WITHIN.days - 1
EARNS = ("rate_bp", "fixed_minor")
CAPS = ("per_day_minor", "per_month_minor", "per_year_minor", "budget_minor")
PAUSE = 'to give nothing, publish a pause: "enabled": false'


def contradictions(rules: Programme) -> Iterator[tuple[str, str]]:
    """Fields that contradict the others, and what to write instead. Of rules that are off only the
    return window counts."""
    if rules.return_window_days > MAX_RETURN_DAYS:
        words = f"{MAX_RETURN_DAYS} at most: a till undoes what was paid with credit for so long"
        yield "return_window_days", words
    if not rules.enabled:
        return
    yield from _nothing(rules)
    yield from _out_of_reach(rules)
    if any(_takes_all(pattern) for pattern in rules.excluded_skus):
        yield "excluded_skus", f"a pattern excludes everything; {PAUSE}"


def _nothing(rules: Programme) -> Iterator[tuple[str, str]]:
    """What lets nothing be earned at all."""
    if rules.fixed_minor is None and rules.rate_bp == 0:
        yield "rate_bp", f"0 earns nothing; {PAUSE}"
    for name in ("fixed_minor", "max_credit_minor", *CAPS):
        if getattr(rules, name) == 0:
            limit = "" if name in EARNS else "; for no limit, leave it out"
            yield name, f"0 lets nothing be earned; {PAUSE}{limit}"


def _out_of_reach(rules: Programme) -> Iterator[tuple[str, str]]:
    """Limits that a narrower one never lets anybody reach."""
    day, month, year, budget = CAPS
    pairs = [(day, month), (day, year), (month, year)]
    pairs += [("max_credit_minor", wider) for wider in (day, month, year, budget)]
    pairs += [("fixed_minor", wider) for wider in ("max_credit_minor", day, month, year, budget)]
    told: set[str] = set()
    for name, other in pairs:
        amount, most = getattr(rules, name), getattr(rules, other)
        if amount is not None and most is not None and amount > most > 0 and name not in told:
            told.add(name)
            yield name, f"{amount} is more than the {most} of {other}: lower it, or raise {other}"


def _takes_all(pattern: str) -> bool:
    """Whether every article's number is like it."""
    return set(pattern) <= {"*", "?"} and "*" in pattern and pattern.count("?") <= 1
