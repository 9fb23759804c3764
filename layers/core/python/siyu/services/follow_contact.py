"""Fold what a callback tells of a contact into a relation, and find out whose contact it is.

A relation lies at the contact's own identity. Whom that identity belongs to is known from a second
one, the proof, that WeCom or WeChat name for it: the proof's owner owns it, and if nobody does yet,
it waits there. One transaction, so that a repeat finds either all of it or nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from siyu.domain.calendar import business_date
from siyu.domain.codes import CodeKind
from siyu.domain.contacts import (
    CUSTOMER,
    Attribution,
    Begun,
    ContactEvent,
    FriendAdded,
    FriendEnded,
    Relation,
    Unfollowed,
)
from siyu.secrets import secrets
from siyu.services import codes, identities
from siyu.services.accounts import OFFICIAL_ACCOUNT, WECOM, account_named
from siyu.services.match_people import merge_on_proof
from siyu.storage import keys, members, relations
from siyu.storage.members import Identity
from siyu.storage.relations import FOLLOWER, FRIEND, Question, Seen, WaitingLink
from siyu.storage.transaction import Transaction, retrying
from siyu.wechat import official_account, wecom

Greet = Callable[[FriendAdded], object]


def follow_contact(event: ContactEvent, received_at: datetime, greet: Greet) -> bool:
    """Record an event, whatever came before it and however often it comes; False for a repeat.

    `greet` is called once for a new friend, before anything slow. Raises UnavailableError and
    ContentionError when the event should be delivered again.
    """
    return retrying(_Visit(event, received_at, greet).attempt)


class _Visit:
    """One event on its way to being recorded. What others were asked is kept for the next try."""

    def __init__(self, event: ContactEvent, received_at: datetime, greet: Greet) -> None:
        self._event = event
        self._now = received_at
        self._greet = greet
        friend = isinstance(event, FriendAdded | FriendEnded)
        self._source = WECOM if friend else OFFICIAL_ACCOUNT
        self._identity = _identity(event)
        self._question = Question(
            keys.delivery(self._source, event.delivery),
            self._identity,
            FRIEND if friend else FOLLOWER,
            event.guide if isinstance(event, FriendAdded | FriendEnded) else None,
            codes.trusted(event.state, {CodeKind.ISSUED}) if isinstance(event, Begun) else None,
        )

    def attempt(self) -> bool:
        seen = relations.look_up(self._question)
        if seen.delivered:
            return False
        write = Transaction()
        delivery = self._question.delivery
        relations.add_delivery(write, delivery, self._event.delivery, self._now)
        told = replace(self._told(seen), version=seen.relation.version + 1)
        relations.put(write, self._identity, told)
        if self._proof is not None:
            self._tie(write, seen.owner, self._proof)
        write.commit()
        return True

    def _told(self, seen: Seen) -> Relation:
        """The relation with this event in it."""
        event = self._event
        if isinstance(event, Begun):
            return seen.relation.begun(event.at, self._attribution(seen))
        by = CUSTOMER if isinstance(event, Unfollowed) else event.by
        return seen.relation.ended(event.at, by)

    def _attribution(self, seen: Seen) -> Attribution:
        """WeCom may hand on a state that is not ours, or an old one: then nobody's code it was."""
        code = seen.code
        if code is None or not code.open_on(business_date(self._event.at)):
            return Attribution()
        return Attribution(code.spec.store, code.key)

    @cached_property
    def _proof(self) -> Identity | None:
        """The identity whose owner owns this one. A welcome has seconds only, so it goes first."""
        event = self._event
        if not isinstance(event, Begun):
            return None
        if not isinstance(event, FriendAdded):
            unionid = official_account.unionid_of(event.openid)
            return identities.unionid(unionid) if unionid else None
        self._greet(event)
        unionid = wecom.unionid_of(event.external_id)
        if unionid:
            return identities.unionid(unionid)
        account = secrets().wecom
        pending = account and account.provider and wecom.pending_id_of(event.external_id)
        return identities.wecom_pending(pending) if pending else None

    def _tie(self, write: Transaction, owner: str | None, proof: Identity) -> None:
        """Give the identity to the proof's owner; two owners are one person.

        They are merged before the event is recorded: whoever is killed in between does it again.
        An identity that has an owner waits too: the proof may turn out to be another account's.
        """
        known = members.owners([proof]).get(proof)
        vouched = known[0] if known else None
        if vouched is None:
            relations.let_wait(write, proof, WaitingLink(self._identity, self._source))
        elif owner is None:
            members.link_identity(write, vouched, self._identity, self._source, self._now)
            members.name_identities(write, vouched, [self._identity])
        elif vouched != owner:
            merge_on_proof(owner, vouched, self._source, self._now)


def _identity(event: ContactEvent) -> Identity:
    if isinstance(event, FriendAdded | FriendEnded):
        return identities.wecom_contact(event.external_id)
    return identities.openid_in(account_named(OFFICIAL_ACCOUNT).account_id, event.openid)
