"""Release the credits whose hold has ended, but for those of a referrer who is suspended: they wait
where they are, and go in the night after it is lifted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache, partial
from itertools import islice

from siyu.domain.credits import Credit, release
from siyu.domain.ledger import Entry
from siyu.domain.programmes import Programmes
from siyu.services.each import each
from siyu.storage import credit_items, keys, ledger, people, programmes
from siyu.storage.transaction import StaleReadError, Transaction, retrying

CREDITS_AT_ONCE = 40
PAGE = 1_000


def release_due(day: date, now: datetime) -> int:
    """Release everything due on `day` or before; returns how many. Safe to repeat or resume. Raises
    ContentionError, after all others had their turn, when some do not come to rest.

    Whether somebody is suspended is asked once in a night, when the first of theirs is due. Who is
    so meanwhile may have it released, and still cannot spend it.
    """
    rules, asked = programmes.load(), cache(is_frozen)
    return each(
        partial(_release_together, together, rules, day, now)
        for shard in range(keys.DUE_SHARDS)
        for together in _by_account(credit_items.waiting(keys.DUE, day, shard))
        if not asked(together[0].referrer_id)
    )


def is_frozen(referrer_id: str) -> bool:
    """Whether the person behind an account is suspended, by any account of theirs: a query each."""
    person = people.load(referrer_id)
    return person is not None and person.standing.suspended


def release_alone(order_key: str, day: date, now: datetime, rules: Programmes | None = None) -> int:
    """Release one credit if its day has come and its referrer is not suspended, as it stands now; 1
    if it was, else 0."""
    known = rules or programmes.load()

    def attempt() -> int:
        credit = credit_items.find(order_key)
        if credit is None or is_frozen(credit.referrer_id):
            return 0
        return _post([credit], known, day, now)

    return retrying(attempt)


def _by_account(due: Iterator[Credit]) -> Iterator[list[Credit]]:
    """Credits that share a balance, so that one transaction can release many."""
    while page := list(islice(due, PAGE)):
        accounts: dict[str, list[Credit]] = defaultdict(list)
        for credit in page:
            accounts[keys.ledger_shard(credit.referrer_id, credit.order_key)].append(credit)
        for together in accounts.values():
            for start in range(0, len(together), CREDITS_AT_ONCE):
                yield together[start : start + CREDITS_AT_ONCE]


def _release_together(together: list[Credit], rules: Programmes, day: date, now: datetime) -> int:
    """The index may lag: what moved since it was written is released one by one, freshly read."""
    try:
        return _post(together, rules, day, now)
    except StaleReadError:
        return each(partial(release_alone, one.order_key, day, now, rules) for one in together)


def _post(due: Iterable[Credit], rules: Programmes, day: date, now: datetime) -> int:
    """Release credits that share a balance; how many there were."""
    moved: list[Credit] = []
    entries: list[Entry] = []
    write = Transaction()
    for credit in due:
        after, added = release(credit, rules.named(credit.programme), day)
        if after is not credit:
            moved.append(after)
            entries.extend(added)
            credit_items.put(write, after)
    if moved:
        ledger.book(write, moved[0].referrer_id, moved[0].order_key, entries, now)
        write.commit()
    return len(moved)
