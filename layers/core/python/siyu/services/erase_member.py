"""Forget a person (PIPL article 47): at once what leads to them, soon after what they left behind.

A member's id is random, so it can stay as the pseudonym of nobody: orders, credit and consents keep
it, and no sum moves. Taking away what leads from the person to it is one transaction, which every
write of theirs conflicts with; the traces follow from the table's stream.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from siyu.errors import NotFoundError
from siyu.services import identities
from siyu.services.confirm_login import confirm_login
from siyu.services.known_member import known
from siyu.storage import aggregates, erasures, figures, members, people, phones, reentries
from siyu.storage.aggregates import Aggregate
from siyu.storage.erasures import Erasure
from siyu.storage.figures import Lineage
from siyu.storage.members import Identity
from siyu.storage.people import Person
from siyu.storage.transaction import Transaction, retrying
from siyu.wechat.login import Login

TRANSACTION_ACTIONS = 100
# By these a person is recognised who comes back; of the others nothing is kept.
RECOGNISED = {"openid", "unionid", "phone"}
# No step below writes more items than this.
STEP_ACTIONS = 2

Step = Callable[[Transaction], None]


def erase_self(member_id: str, login: Login, now: datetime) -> None:
    """Erase the person behind a session, which alone is not enough: it may be stolen.

    Raises NotFoundError, and LoginRefusedError when the login is not the same person's.
    """
    confirm_login(known(member_id), login)
    erase_member(member_id, now)


def erase_member(member_id: str, now: datetime) -> None:
    """From here on nothing leads to the person; safe to repeat.

    One transaction, and more only for who has more accounts and identities than fit. Then the
    first one leaves the order to finish (`finish_erasure`), should this be cut short. Raises
    NotFoundError for somebody who never joined.
    """
    while not retrying(lambda: _erase(member_id, now)):
        pass


def finish_erasure(member_id: str, now: datetime) -> None:
    """Remove the traces of a person whose erasure was ordered at this account, once what they tell
    of referrals is noted.

    Safe to repeat, also when all is done: then it looks at their orders once more. Raises
    ContentionError when it should be tried again.
    """
    from siyu.services.forget_orders import (  # noqa: PLC0415 - not for the request
        forget_buyers,
        orders_naming,
    )
    from siyu.services.forget_referral import keep_what_was_told  # noqa: PLC0415 - as above

    erase_member(member_id, now)
    erasure = erasures.find(member_id)
    if erasure is None:
        raise NotFoundError("no erasure was ordered at this account")
    naming = orders_naming(erasure)
    keep_what_was_told(erasure, naming.order_keys)
    for identity in erasure.identities:
        _forget_relations(identity, erasure.requested_at, {identity})
    for account in erasure.accounts:
        erasures.forget_wallet(account)
    forget_buyers(naming)
    write = Transaction()
    erasures.put(write, replace(erasure, identities={}, done_at=erasure.done_at or now))
    write.commit()


def _erase(member_id: str, now: datetime) -> bool:
    """One transaction; whether it was the last."""
    person = people.load(member_id)
    if person is None:
        raise NotFoundError("no such member")
    if person.member.erased_at is not None:
        return True
    lineages = figures.get_many(set(person.member_ids))
    steps = list(_steps(person, lineages, now))
    room = max(1, (TRANSACTION_ACTIONS - len(person.accounts) - 2) // STEP_ACTIONS)
    last = len(steps) <= room
    write = Transaction()
    for step in steps[:room]:
        step(write)
    if last:
        _close(write, person, lineages, now)
    else:
        members.touch(write, person.member)
    erasures.put(write, Erasure(person.member.member_id, person.member_ids, _names(person), now))
    write.commit()
    return last


def _steps(person: Person, lineages: Mapping[str, Lineage], now: datetime) -> Iterator[Step]:
    """What may go before the accounts do."""
    names = _names(person)
    since = min(account.member.first_joined_at for account in person.accounts)
    for identity, (owner, _) in members.owners(names).items():
        if owner in person.member_ids:
            yield partial(_forget_identity, identity=identity, owner=owner, since=since, now=now)
    for account in person.accounts:
        if account.phone is not None:
            yield partial(phones.forget_phone, member_id=account.member.member_id)
    for below in person.member_ids[1:]:
        if not lineages[below][0].gone:
            yield partial(_retire, aggregate=lineages[below][0])


def _close(
    write: Transaction, person: Person, lineages: Mapping[str, Lineage], now: datetime
) -> None:
    """The accounts themselves; whoever read one of them before has to read it again."""
    for account in person.accounts:
        member = account.member
        erased = replace(member, erased_at=now, version=member.version + 1)
        members.put_member(write, erased, ())
    _retire(write, lineages[person.member.member_id][0])


def _names(person: Person) -> dict[Identity, str]:
    """What leads to a person, with the account it leads to."""
    return {
        identity: account.member.member_id
        for account in person.accounts
        for identity in account.identities
    }


def _forget_identity(
    write: Transaction, identity: Identity, owner: str, since: datetime, now: datetime
) -> None:
    members.forget_identity(write, identity, owner)
    if identity[0] in RECOGNISED:
        reentries.mark(write, identities.reentry_mark(identity), since, now)


def _retire(write: Transaction, aggregate: Aggregate) -> None:
    """Keep the figures, so that a late refund finds them, and count them no more."""
    aggregates.put(write, aggregate, replace(aggregate, gone=True))


def _forget_relations(identity: Identity, until: datetime, seen: set[Identity]) -> None:
    """Also at identities that were to follow this one and never led to anybody."""
    for linked in erasures.forget_relations(identity, until):
        if linked not in seen and not members.owners([linked]):
            seen.add(linked)
            _forget_relations(linked, until, seen)
