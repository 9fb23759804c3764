"""Write what the brand notes about the accounts of a person."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from siyu.domain.members import Standing
from siyu.storage import bindings, members
from siyu.storage.people import Account, Person
from siyu.storage.transaction import Transaction


def put_standings(write: Transaction, person: Person, after: Mapping[str, Standing]) -> None:
    """Write those standings that differ; whoever decides over the person meanwhile reads again."""
    if put_differing(write, person.accounts, after):
        members.touch(write, person.member)


def put_differing(
    write: Transaction, accounts: Iterable[Account], after: Mapping[str, Standing]
) -> bool:
    """The same for who moves the account that speaks for the person anyway; whether any did."""
    moved = False
    for account in accounts:
        standing = after[account.member.member_id]
        if standing != account.standing:
            fresh = replace(standing, version=account.standing.version + 1)
            bindings.put_standing(write, account.member.member_id, fresh)
            moved = True
    return moved


def standings_of(accounts: Iterable[Account]) -> dict[str, Standing]:
    """What is noted at each account."""
    return {one.member.member_id: one.standing for one in accounts}
