"""A statement is exact: no gap, no entry twice, and it ends at the balance."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest

from siyu.api.export import ExportResponse
from siyu.domain.ledger import (
    PENDING,
    Balance,
    Entry,
    EntryKind,
    member_account,
    programme_account,
)
from siyu.domain.vetting import Verdict
from siyu.errors import NotFoundError
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.expire_credit import expire_due
from siyu.services.export_member import export_member
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.referrer_standing import set_standing
from siyu.services.show_wallet import Line, show_statement, show_wallet, statement_of
from siyu.services.spend_credit import capture_hold, void_hold
from siyu.storage.ledger import book
from siyu.storage.transaction import Transaction
from tests.books import check_books
from tests.services.purse import FRIEND, await_release, balance, earn, hold, member, settle_at
from tests.services.shop import STORE, TODAY, receipt
from tests.support import NOW, dump

END = TODAY + timedelta(days=30)


def busy() -> tuple[str, str]:
    """Two accounts of one person to whom everything has happened, in more than one hour."""
    ann, bob = member(1), member(2)
    for number in range(4):
        earn(ann, f"a{number}", 100, END, NOW + timedelta(hours=number))
        earn(bob, f"b{number}", 50, None, NOW + timedelta(hours=number))
    merge_members(ann, bob, "unionid", "proof", NOW)
    hold(bob, 420)
    capture_hold(STORE, "h1", 410, NOW)
    hold(ann, 30, "h2", NOW + timedelta(hours=1))
    settle_at("a1", 40, NOW + timedelta(hours=9))
    void_hold(STORE, "h1", NOW + timedelta(hours=10))
    expire_due(END, NOW + timedelta(hours=11))
    settle_at("a2", 0, NOW + timedelta(hours=12))
    return ann, bob


def check_chain(lines: list[Line], ends_at: Balance) -> None:
    assert lines[0].before == Balance()
    assert all(one.after == other.before for one, other in pairwise(lines))
    assert all(one.before != one.after for one in lines)
    assert lines[-1].after == ends_at
    assert sum(one.effect_minor for one in lines) == sum(
        (ends_at.pending_minor, ends_at.released_minor, ends_at.held_minor)
    )


def test_the_chain_of_balances_has_no_gap_and_ends_at_the_balance() -> None:
    ann, bob = busy()
    lines = statement_of(known(bob))
    check_chain(lines, balance(ann, bob))
    assert lines == statement_of(known(ann))
    written = sum(item["kind"]["S"] == "ENTRY" for item in dump().values())
    assert len(lines) == written == len({line.mark for line in lines})
    assert {line.entry.kind.value for line in lines} == {
        *("earn", "release", "hold", "capture", "void", "expire", "reverse", "restore")
    }
    check_books()


def test_undoing_a_merge_leaves_each_account_its_own_chain() -> None:
    ann, bob = busy()
    undo_merge(bob, "staff", "not the same", NOW)
    for one in (ann, bob):
        check_chain(statement_of(known(one)), balance(one))


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_paging_gives_every_entry_once_newest_first(limit: int) -> None:
    ann, _ = busy()
    shown: list[Line] = []
    cursor: str | None = None
    while True:
        page = show_statement(ann, limit, cursor)
        assert 1 <= len(page.lines) <= limit
        shown += page.lines
        cursor = page.after
        if cursor is None:
            break
        if len(shown) == limit:
            earn(ann, "meanwhile", 5, now=NOW + timedelta(days=1))
    whole = statement_of(known(ann))[::-1]
    newer = 2 if limit < 100 else 0
    assert [line.mark for line in shown] == [line.mark for line in whole[newer:]]


def test_an_empty_statement_is_one_page() -> None:
    assert show_statement(member(1), 20, None) == show_statement(member(2), 1, None)
    assert show_wallet(member(3)).balance == Balance()


def test_a_cursor_of_somebody_else_is_none() -> None:
    ann, bob = member(1, 100), member(2, 100)
    theirs = show_statement(bob, 1, None).after
    assert theirs is not None
    for cursor in (theirs, "", "x", theirs[:-1]):
        with pytest.raises(ValueError, match="not in list"):
            show_statement(ann, 20, cursor)


def test_the_wallet_says_what_waits_and_until_when() -> None:
    ann = member(1, 300)
    await_release(ann, "1", 500, TODAY + timedelta(days=15))
    await_release(ann, "2", 200, TODAY + timedelta(days=9))
    await_release(ann, "3", 70, TODAY + timedelta(days=1), Verdict.REVIEW)
    hold(ann, 100)
    wallet = show_wallet(ann)
    assert wallet.balance == Balance(770, 200, 100, 1_070)
    assert (wallet.spendable_minor, wallet.in_review_minor) == (200, 70)
    assert wallet.next_release_on == TODAY + timedelta(days=9)


def test_the_wallet_says_what_ends_next_of_what_can_still_be_spent() -> None:
    ann, bob = member(1), member(2)
    for number, days in enumerate((10, 10, 20, 30)):
        earn(ann, f"a{number}", 100, TODAY + timedelta(days=days))
    earn(bob, "b", 40, TODAY + timedelta(days=20))

    def says() -> tuple[date | None, int]:
        wallet = show_wallet(ann)
        return wallet.next_expiry_on, wallet.next_expiry_minor

    assert says() == (TODAY + timedelta(days=10), 200)
    merge_members(ann, bob, "unionid", "proof", NOW)
    hold(ann, 50)
    assert says() == (TODAY + timedelta(days=10), 150)
    capture_hold(STORE, "h1", 50, NOW)
    hold(ann, 150, "h2")
    assert says() == (TODAY + timedelta(days=20), 140)
    expire_due(TODAY + timedelta(days=20), NOW)
    assert says() == (TODAY + timedelta(days=30), 100)
    expire_due(TODAY + timedelta(days=30), NOW)
    assert says() == (None, 0)


def test_what_is_said_to_end_is_what_the_night_takes() -> None:
    ann = member(1)
    for days in (10, 20, 30):
        earn(ann, f"a{days}", 100, TODAY + timedelta(days=days))
    hold(ann, 130)
    capture_hold(STORE, "h1", 120, NOW)
    hold(ann, 40, "h2")
    settle_at("a30", 70)
    while (said := show_wallet(ann)).next_expiry_on is not None:
        expire_due(said.next_expiry_on, NOW)
        left = said.balance.released_minor - said.next_expiry_minor
        assert said.next_expiry_minor > 0
        assert show_wallet(ann).balance.released_minor == left
    assert show_wallet(ann).balance == Balance(0, 0, 40, 300, 30, 120, 110)


def test_of_a_suspended_person_all_rests() -> None:
    ann = member(1)
    earn(ann, "a", 100, END)
    await_release(ann, "1", 500, TODAY + timedelta(days=15))
    set_standing(ann, NOW, suspended=True)
    wallet = show_wallet(ann)
    assert (wallet.balance.released_minor, wallet.spendable_minor) == (100, 0)
    assert (wallet.next_release_on, wallet.next_expiry_on, wallet.next_expiry_minor) == (
        None,
        None,
        0,
    )


def test_an_entrys_purchase_is_named_by_nobody_else() -> None:
    """Two who were credited for one order, one after the other, cannot tell that it was one."""
    ann, bob = member(1), member(2)
    write = Transaction()
    for number, one in enumerate((ann, bob)):
        entry = Entry(
            entry_id=f"shop#same:earn:{number}",
            kind=EntryKind.EARN,
            debit=programme_account("v"),
            credit=member_account(one, PENDING),
            amount_minor=1,
            order_key="shop#same",
        )
        book(write, one, f"shop#same{number}", [entry], NOW)
    write.commit()
    names = [line.purchase for one in (ann, bob) for line in statement_of(known(one))]
    assert len(set(names)) == 2


def test_a_debt_is_nothing_to_spend() -> None:
    ann = member(1, 500)
    hold(ann, 500)
    settle_at("first-1", 100)
    wallet = show_wallet(ann)
    assert (wallet.balance.released_minor, wallet.spendable_minor) == (-400, 0)


def test_a_file_of_ones_data_has_every_entry_and_nobody_elses_id() -> None:
    ann, bob = busy()
    cat = member(3, 100)
    said = ExportResponse.from_domain(export_member(bob), NOW)
    assert [one.id for one in said.credit_entries] == [
        line.mark for line in statement_of(known(ann))
    ]
    assert said.credit_entries[-1].after.released_minor == said.credit.released_minor
    text = json.dumps([one.model_dump(mode="json") for one in said.credit_entries])
    for private in (FRIEND, cat, ann, "shop", "h1"):
        assert private not in text


def test_books_of_an_erased_member_stay_and_lead_to_nobody() -> None:
    ann, bob = busy()
    before, stood = balance(ann, bob), dump()
    erase_member(ann, NOW)
    finish_erasure(ann, NOW)
    for shown in (show_wallet, lambda one: show_statement(one, 20, None)):
        with pytest.raises(NotFoundError):
            shown(ann)
    assert balance(ann, bob) == before
    assert check_books()
    books = {key: item for key, item in dump().items() if item["kind"]["S"] in {"ENTRY", "HOLD"}}
    assert books == {key: stood[key] for key in books}
    known_of_them = {"openid-1", "openid-2", receipt(1), receipt(2)}
    assert not any(private in json.dumps(list(books.values())) for private in known_of_them)
