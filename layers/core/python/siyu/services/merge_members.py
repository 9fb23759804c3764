"""Make two accounts one person, and undo it.

A merge adds an edge to a tree and moves nothing: orders, credit, coupons, consents and identities
stay in the account they came to, and a person is read as all accounts of the tree. Only the figures
of the accounts above contain those below, so that orders and the night see one person, and that
somebody is staff or suspended is noted at all accounts, so that the code of none brings anybody.
Undoing takes the edge away; whatever happened in between stays with the account it came to, and so
does what was noted: it is lifted by whoever decides that it was not so.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from siyu.domain.consents import Consent, profiling_refused
from siyu.domain.members import Member, Standing, noted_by_merge, parted, together
from siyu.errors import NotFoundError
from siyu.services.known_member import known_from_the_top
from siyu.services.put_standings import put_differing, standings_of
from siyu.storage import aggregates, figures, members, merges, people
from siyu.storage.figures import Lineage
from siyu.storage.merges import Merge
from siyu.storage.people import Account, Person
from siyu.storage.transaction import StaleReadError, Transaction, retrying


def merge_members(
    one: str, other: str, proof: str, by: str, now: datetime, *, review: merges.Review | None = None
) -> Merge | None:
    """Merge the persons behind two accounts; the older stays. None when they are one already.

    Raises NotFoundError when one of them is not there, or erased.
    """
    return retrying(lambda: _merge(one, other, proof, by, now, review=review))


def undo_merge(absorbed_id: str, by: str, because: str, now: datetime) -> str:
    """Take back the merge of an account into another; returns the other.

    Raises NotFoundError when the account is not merged into any.
    """
    return retrying(lambda: _undo(absorbed_id, by, because, now))


def _merge(
    one: str, other: str, proof: str, by: str, now: datetime, *, review: merges.Review | None
) -> Merge | None:
    # Read before the persons are: whoever decides about profiling meanwhile moves the figures.
    lineages = figures.get_many({one, other})
    first, second = known_from_the_top(one), known_from_the_top(other)
    write = Transaction()
    if review is not None:
        merges.close(write, review, merges.APPROVED, by, now)
    if first.member.member_id == second.member.member_id:
        write.commit()
        return None
    kept, gone = sorted((first.accounts[0], second.accounts[0]), key=_seniority)
    survivor_id, absorbed_id = kept.member.member_id, gone.member.member_id
    _put(write, kept, replace(kept.member, parts=(*kept.member.parts, absorbed_id)))
    _put(write, gone, replace(gone.member, up=survivor_id))
    tops = {line[-1].member_id: line[-1] for line in lineages.values()}
    if tops.keys() != {survivor_id, absorbed_id}:
        raise StaleReadError(frozenset({"figures"}))
    above, below = tops[survivor_id], tops[absorbed_id]
    refused = profiling_refused((*first.consents, *second.consents))
    whole = above.figures.plus(below.figures)
    aggregates.put(write, above, replace(above, figures=whole, out=refused))
    aggregates.put(write, below, replace(below, up=survivor_id))
    # Whoever notes something meanwhile moves the profiles, too.
    put_differing(write, (*first.accounts, *second.accounts), _noted(first, second, now))
    merge = Merge(survivor_id, absorbed_id, gone.member.version + 1, proof, now, by)
    merges.record(write, merge)
    write.commit()
    return merge


def _undo(absorbed_id: str, by: str, because: str, now: datetime) -> str:
    lineage = figures.get_many({absorbed_id}).get(absorbed_id)  # first, as above
    person = people.load(absorbed_id) or Person(())
    accounts = {one.member.member_id: one for one in person.accounts}
    gone = accounts.get(absorbed_id)
    if not lineage or gone is None or not gone.member.up or gone.member.erased_at:
        raise NotFoundError("this account is not merged into any")
    kept = accounts[gone.member.up]
    write = Transaction()
    remaining = tuple(part for part in kept.member.parts if part != absorbed_id)
    _put(write, kept, replace(kept.member, parts=remaining))
    _put(write, gone, replace(gone.member, up=None))
    _take_out(write, lineage, person)
    put_differing(write, person.accounts, _parted(absorbed_id, person, now))
    try:
        merge = merges.standing(kept.member.member_id, absorbed_id)
    except LookupError:
        raise StaleReadError(frozenset({"merge"})) from None
    merges.record_undo(write, merge, by, because, now)
    write.commit()
    return kept.member.member_id


def _take_out(write: Transaction, lineage: Lineage, person: Person) -> None:
    """Free an account's figures and take them out of all those above; whether profiling is refused
    is asked anew of either side."""
    own, *above = lineage
    theirs = set(_below(own.member_id, person))
    sides: dict[bool, list[Consent]] = {True: [], False: []}
    for account in person.accounts:
        sides[account.member.member_id in theirs] += account.consents
    aggregates.put(write, own, replace(own, up=None, out=profiling_refused(sides[True])))
    for one in above:
        left = one.figures.plus(own.figures, -1)
        aggregates.put(write, one, replace(one, figures=left, out=profiling_refused(sides[False])))


def _below(member_id: str, person: Person) -> Iterator[str]:
    """An account and all that were merged into it."""
    yield member_id
    for account in person.accounts:
        if account.member.up == member_id:
            yield from _below(account.member.member_id, person)


def _noted(first: Person, second: Person, now: datetime) -> dict[str, Standing]:
    """What is noted at each account once two persons are one: from now on what was noted about
    either, and a suspension where their frauds are enough together and were not alone."""
    accounts = (*first.accounts, *second.accounts)
    stands = together((first.standing, second.standing))
    suspended = stands.suspended or _too_many(first.standing, second.standing, now)
    return {
        member_id: noted_by_merge(
            one, staff=stands.staff_since is not None, suspended=suspended, now=now
        )
        for member_id, one in standings_of(accounts).items()
    }


def _parted(absorbed_id: str, person: Person, now: datetime) -> dict[str, Standing]:
    """What is noted at each account once one and those below it are somebody else."""
    theirs, stands = set(_below(absorbed_id, person)), standings_of(person.accounts)
    if not person.standing.staff_since and not person.standing.suspended:
        return stands
    from siyu.storage import programmes  # noqa: PLC0415 - of most nothing is noted

    most = programmes.load().in_force(now).checks.frauds
    return {
        member_id: parted(
            one,
            (other for name, other in stands.items() if (name in theirs) is (member_id in theirs)),
            most,
        )
        for member_id, one in stands.items()
    }


def _too_many(first: Standing, second: Standing, now: datetime) -> bool:
    """Who alone has too many, and is not suspended, was forgiven."""
    found = first.frauds | second.frauds
    if not found:
        return False
    from siyu.storage import programmes  # noqa: PLC0415 - of most nothing is noted

    most = programmes.load().in_force(now).checks.frauds
    alone = max(len(first.frauds), len(second.frauds))
    return alone < most <= len(found)


def _put(write: Transaction, account: Account, member: Member) -> None:
    after = replace(member, version=account.member.version + 1)
    members.put_member(write, after, account.identities)


def _seniority(account: Account) -> tuple[datetime, str]:
    return account.member.seniority
