"""What the stand-in remembers: accounts, tokens, codes used, contacts, welcomes, orders."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.errcodes import OK, TOKEN_EXPIRED, TOKEN_INVALID

MINI_PROGRAM, OFFICIAL_ACCOUNT, WECOM = "mini_program", "official_account", "wecom"
# Not every brand has one: an account that the state may lack.
SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Account:
    """An app id or corp id and its secret."""

    account_id: str
    secret: str


@dataclass(slots=True)
class _Memory:
    used: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    contacts: dict[str, str] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    aftersales: dict[str, dict[str, Any]] = field(default_factory=dict)
    busy: int = 0


class State:
    """Safe to use from the threads of a server; `accounts` are keyed by the names above."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = dict(accounts)
        self._lock = threading.Lock()
        self._generation = 1
        self._memory = _Memory()

    def forget(self) -> None:
        """Take codes again that were used, and know no contact, no welcome and no order."""
        with self._lock:
            self._memory = _Memory()

    def count(self, path: str) -> None:
        """Note that an API was called."""
        with self._lock:
            self._memory.asked[path.rpartition("/")[2]] += 1

    def asked(self, api: str) -> int:
        """How often an API was called, by the last part of its path."""
        with self._lock:
            return self._memory.asked[api]

    def expire_tokens(self) -> None:
        """From now on tokens given out before are refused as expired."""
        with self._lock:
            self._generation += 1

    def account(self, name: str) -> Account:
        return self._accounts[name]

    def account_named(self, account_id: str) -> str | None:
        """Which account has this id; WeCom's apart, as WeChat knows nothing of it."""
        for name in (MINI_PROGRAM, OFFICIAL_ACCOUNT, SHOP):
            if name in self._accounts and self._accounts[name].account_id == account_id:
                return name
        return None

    def token(self, name: str) -> str:
        """The access token of an account: the same until it expires."""
        return self._token(name, self._generation)

    def token_refusal(self, name: str, token: str) -> int:
        """The errcode for this token at an API of that account, 0 if it holds."""
        if name not in self._accounts:
            return TOKEN_INVALID
        if token == self.token(name):
            return OK
        earlier = (self._token(name, number) for number in range(1, self._generation))
        return TOKEN_EXPIRED if token in earlier else TOKEN_INVALID

    def _token(self, name: str, generation: int) -> str:
        account = self._accounts[name]
        text = f"{name} {account.account_id} {account.secret} {generation}"
        return hashlib.sha256(text.encode()).hexdigest()

    def use(self, code: str) -> bool:
        """Whether this is the first use of a code."""
        with self._lock:
            if code in self._memory.used:
                return False
            self._memory.used.add(code)
            return True

    def refuse_first(self, code: str, times: int) -> bool:
        """True for the first `times` calls with this code."""
        with self._lock:
            self._memory.refused[code] += 1
            return self._memory.refused[code] <= times

    def add_contact(self, name: str, external_userid: str) -> None:
        with self._lock:
            self._memory.contacts[name] = external_userid

    def contact(self, name: str) -> str | None:
        """The external_userid of a person, once somebody has asked about it."""
        return self._memory.contacts.get(name)

    def record(self, welcome: dict[str, Any]) -> None:
        with self._lock:
            self._memory.sent.append(welcome)

    def sent(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._memory.sent)

    def put_order(self, order: dict[str, Any]) -> None:
        """Let the shop have this order, in the form in which it answers."""
        with self._lock:
            self._memory.orders[str(order["order_id"])] = order

    def put_aftersale(self, aftersale: dict[str, Any]) -> None:
        with self._lock:
            self._memory.aftersales[str(aftersale["after_sale_order_id"])] = aftersale

    def order(self, order_id: str) -> dict[str, Any] | None:
        return self._memory.orders.get(order_id)

    def aftersale(self, aftersale_id: str) -> dict[str, Any] | None:
        return self._memory.aftersales.get(aftersale_id)

    def keep_busy(self, times: int) -> None:
        """The shop's next calls are answered by nobody but "system error"."""
        with self._lock:
            self._memory.busy = times

    def is_busy(self) -> bool:
        """Whether this call of the shop's is one of those."""
        with self._lock:
            busy = self._memory.busy > 0
            self._memory.busy -= busy
            return busy
