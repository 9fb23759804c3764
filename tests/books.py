"""Whether the books of the referral programme add up, read from the raw table."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

Raw = dict[str, Any]
STATES = ("pending", "released", "held")
TOTALS = ("earned", "reversed", "spent", "expired")


def check_books(table: dict[tuple[str, str], Raw] | None = None) -> dict[str, dict[str, int]]:
    """Every balance is the sum of its entries, and all of them together are nothing.

    Returns the balances by account of a member, in minor units. Raises AssertionError with the
    account that does not add up. `table` is a dump; without it, the table as it stands.
    """
    items = (_table() if table is None else table).values()
    entries = [item for item in items if item["kind"]["S"] == "ENTRY"]
    balances = _balances(items)
    moved = Counter[str]()
    for entry in entries:
        assert _amount(entry, "amount_minor") > 0, entry["entry_id"]["S"]
        moved[entry["debit"]["S"]] -= _amount(entry, "amount_minor")
        moved[entry["credit"]["S"]] += _amount(entry, "amount_minor")
    assert sum(moved.values()) == 0
    for owner in balances.keys() | {_owner(entry) for entry in entries}:
        _check_member(owner, balances.get(owner, {}), entries, moved)
    stood = _accounts(items)
    ours = {name for name in moved if not name.startswith("member:")}
    for name in ours | stood.keys():
        assert stood[name] == moved[name], f"{name}: {stood[name]} stands, {moved[name]} moved"
    held_by_all = sum(one[state] for one in balances.values() for state in STATES)
    assert held_by_all + sum(stood.values()) == 0, "the two sides of the books differ"
    _check_credits(items, entries)
    _check_holds(items, balances)
    return balances


def entry_kinds() -> Counter[str]:
    """How much was posted of each kind, in minor units."""
    posted = Counter[str]()
    for item in _table().values():
        if item["kind"]["S"] == "ENTRY":
            posted[item["entry_kind"]["S"]] += _amount(item, "amount_minor")
    return posted


def _table() -> dict[tuple[str, str], Raw]:
    # Importing it starts an engine, which who brings a table has no use for.
    from tests import support  # noqa: PLC0415

    return support.dump()


def _check_member(
    owner: str, stands: dict[str, int], entries: list[Raw], moved: Counter[str]
) -> None:
    """An account's three balances and four totals, each from the entries alone."""
    for state in STATES:
        found, wanted = stands.get(state, 0), moved[f"member:{owner}:{state}"]
        assert found == wanted, f"{owner} {state}: {found} stands, {wanted} moved"
    by_kind = Counter[str]()
    for entry in entries:
        if _owner(entry) == owner:
            taken_back = entry["debit"]["S"].startswith("store:")
            by_kind[entry["entry_kind"]["S"] + "-" * taken_back] += _amount(entry, "amount_minor")
    wanted_totals = {
        "earned": by_kind["earn"],
        "reversed": by_kind["reverse"],
        "spent": by_kind["capture"] - by_kind["void-"],
        "expired": by_kind["expire"] - by_kind["restore"],
    }
    found_totals = {name: stands.get(name, 0) for name in TOTALS}
    assert found_totals == wanted_totals, f"{owner}: {found_totals} stands, {wanted_totals} moved"
    earned, reversed_, spent, expired = (wanted_totals[name] for name in TOTALS)
    left = sum(stands.get(state, 0) for state in STATES)
    assert left == earned - reversed_ - spent - expired, f"{owner}: states and totals differ"


def _check_credits(items: Any, entries: list[Raw]) -> None:
    """What a credit says is kept of its order, waits and has expired, is what was posted for it."""
    kept, expired, waits = (Counter[tuple[str, str]]() for _ in range(3))
    signs = {"earn": (kept, 1), "reverse": (kept, -1)}
    signs |= {"expire": (expired, 1), "restore": (expired, -1)}
    for entry in entries:
        if entry["entry_kind"]["S"] in signs:
            counted, sign = signs[entry["entry_kind"]["S"]]
            counted[_about(entry)] += sign * _amount(entry, "amount_minor")
        if "order_key" in entry:
            pending = f"member:{_owner(entry)}:pending"
            came = (entry["credit"]["S"] == pending) - (entry["debit"]["S"] == pending)
            waits[_about(entry)] += came * _amount(entry, "amount_minor")
    for credit in (item for item in items if item["kind"]["S"] == "CREDIT"):
        about = (credit["order_key"]["S"], credit["referrer_id"]["S"])
        says = _amount(credit, "earned_minor") - _amount(credit, "reversed_minor")
        assert says == kept.pop(about, 0), f"{about}: the credit differs from its entries"
        assert _amount(credit, "expired_minor") == expired.pop(about, 0), f"{about}: expired"
        released = credit["state"]["S"] == "released"
        assert 0 <= _amount(credit, "expired_minor") <= released * says, f"{about}: expired"
        assert waits.pop(about, 0) == (0 if released else says), f"{about}: waits"
    assert not any(kept.values()), "a credit that is nobody's stands in the ledger"
    assert not any(expired.values()), "what expired belongs to no credit"
    assert not any(waits.values()), "what waits belongs to no credit"


def _check_holds(items: Any, balances: dict[str, dict[str, int]]) -> None:
    """What is held of an account is what the tills' standing holds took from it."""
    held = Counter[str]()
    for hold in (item for item in items if item["kind"]["S"] == "HOLD"):
        if hold["state"]["S"] == "held":
            for member_id, amount in json.loads(hold["parts"]["S"]):
                held[member_id] += amount
    found = {owner: one["held"] for owner, one in balances.items() if one["held"]}
    assert found == dict(held), f"held: {found} stands, {dict(held)} promised to tills"


def _balances(items: Any) -> dict[str, dict[str, int]]:
    """The shards of each member's balance, added up."""
    balances: dict[str, dict[str, int]] = {}
    for item in (one for one in items if one["kind"]["S"] == "BALANCE"):
        one = balances.setdefault(_name(item), dict.fromkeys((*STATES, *TOTALS), 0))
        for name in one:
            one[name] += _amount(item, f"{name}_minor")
    return balances


def _accounts(items: Any) -> Counter[str]:
    """The shards of each of the brand's accounts, added up."""
    stood = Counter[str]()
    for item in (one for one in items if one["kind"]["S"] == "ACCOUNT"):
        stood[_name(item)] += _amount(item, "balance_minor")
    return stood


def _about(entry: Raw) -> tuple[str, str]:
    """The order that an entry is for, and whose it is."""
    return entry["order_key"]["S"], _owner(entry)


def _owner(entry: Raw) -> str:
    """The member whose partition an entry lies in."""
    return _name(entry)


def _name(item: Raw) -> str:
    """What stands between `L#` and the number of the shard."""
    name: str = item["PK"]["S"].removeprefix("L#").rpartition("#")[0]
    return name


def _amount(item: Raw, name: str) -> int:
    return int(item.get(name, {"N": "0"})["N"])
