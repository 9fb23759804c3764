"""What holds once everything has been delivered and followed, in whatever order it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from tests.books import check_books
from tests.simulation.books import Books, require
from tests.simulation.ground import SOURCES
from tests.simulation.letters import buyer_key, people
from tests.simulation.people import Person
from tests.simulation.spent import kept_minor


def judge(
    books: Books, crowd: Sequence[Person], claimed: Mapping[str, str], over: date
) -> None:  # fmt: skip
    """`claimed` are the receipts that were scanned, by key, and who scanned them; `over` is the day
    of the last night."""
    members = _members(books, crowd)
    owners = _owners(books, crowd, claimed)
    for key in books.told:
        person = owners.get(key)
        wanted = members[person] if person else None
        found = books.owner.get(key)
        require(found == wanted, "an order has the member who bought", key, found, wanted, person)
    _nothing_waits(books)
    _referrals(books, over)
    check_books(books.table.raw)


def _members(books: Books, crowd: Sequence[Person]) -> dict[str, str]:
    """Who joined, and who did not: one account each, under every identity their login shows."""
    members: dict[str, str] = {}
    for person in crowd:
        found = [books.table.get(f"I#{name}", "IDENTITY") for name in _shown(person)]
        ids = sorted({item["member_id"] for item in found if item})
        require(len(ids) == int(person.joins), "one shopper is one member", person, ids)
        require(all(found) or not person.joins, "a login leads to its member", person)
        if ids:
            members[person.name] = ids[0]
    require(books.kinds["PROFILE"] == len(members), "nobody else joined", dict(books.kinds))
    return members


def _shown(person: Person) -> list[str]:
    """The identities that a person's login shows."""
    unionid = {"unionid": person.unionid} if person.unionid and person.tells else {}
    return people({"openid": person.name, **unionid})


def _owners(books: Books, crowd: Sequence[Person], claimed: Mapping[str, str]) -> dict[str, str]:
    """Whose every counted order is, once all is known: a receipt proves its order and its buyer."""
    known = {name: person.name for person in crowd if person.joins for name in _shown(person)}
    buyers = {
        f"buyer#{buyer_key(source, f'{person.name}@{source}')}": person.name
        for person in crowd
        for source in SOURCES
    }
    for told in books.told.values():
        paid = told.paid or {}
        if paid.get("receipt") in claimed and "buyer_key" in paid:
            buyer = f"buyer#{paid['buyer_key']}"
            require(buyers[buyer] == claimed[paid["receipt"]], "papers are scanned by their owners")
            known[buyer] = buyers[buyer]
    owners: dict[str, str] = {}
    for key in books.told:
        ranked: list[tuple[bool, int, str, str]] = []
        for name, told in books.tellers(key).items():
            paid = told.paid or {}
            found = {one: known.get(one) for one in told.identities}
            found["paper"] = claimed.get(paid.get("receipt", ""))
            leads = ((_lead(one), person) for one, person in found.items() if person)
            ranked += [(bool(paid.get("payment_only")), lead, name, who) for lead, who in leads]
        if ranked:
            *_, owners[key] = min(ranked)
    return owners


def _lead(name: str) -> int:
    """A name for WeChat outweighs a shop's number, and that a paper."""
    return {"buyer": 1, "paper": 2}.get(name.partition("#")[0], 0)


def _nothing_waits(books: Books) -> None:
    """Nothing waits for a member who has joined."""
    for pk, part in books.table.parts.items():
        if pk.startswith("I#") and "IDENTITY" in part:
            waiting = [sk for sk in part if sk.startswith("P#")]
            require(not waiting, "nothing waits for somebody who has joined", pk, waiting)


def _referrals(books: Books, over: date) -> None:
    """All holds are over: what a referrer has is what their friends' orders are worth. What is
    frozen waits."""
    kept: Counter[str] = Counter()
    has: Counter[str] = Counter()
    for pk, part in books.table.parts.items():
        if credit := part.get("CREDIT"):
            kept[credit["referrer_id"]] += kept_minor(credit)
            approved = credit.get("decision", ["approve"])[0] == "approve"
            frozen = books.society.noted_now(credit["referrer_id"], "suspended_at")
            stands = kept_minor(credit) or credit["granted_minor"]
            if "ruling" not in credit and approved and stands and not frozen:
                require(credit["state"] == "released", "a credit is released in the end", credit)
            if credit.get("expires_on", "9") <= over.isoformat() and not frozen:
                waits = kept_minor(credit) - credit.get("ended_minor", 0)
                require(waits <= 0, "what ends is over in the end", credit)
        if pk.startswith("L#") and "BALANCE" in part:
            gone = {"earned_minor": 1, "reversed_minor": -1}
            amount = sum(sign * part["BALANCE"].get(name, 0) for name, sign in gone.items())
            has[pk.split("#")[1]] += amount
    require(+kept == +has, "a referrer has what their friends' orders are worth", kept, has)
