"""POST /v1/me/export, GET /v1/exports/{token} and DELETE /v1/me: a member's rights (PIPL)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from siyu.api import session
from siyu.api.consents import ConsentBody
from siyu.api.coupons import WalletCouponBody
from siyu.api.me import CreditBody, MeResponse, PurchasesBody
from siyu.api.problem import answers
from siyu.api.segment import SegmentBody
from siyu.api.sessions import LoginCode
from siyu.api.wallet import LineBody
from siyu.domain.members import Member
from siyu.errors import NotFoundError, NotSignedInError

if TYPE_CHECKING:
    # Loaded for a download, not with every start.
    from siyu.domain.orders import Order
    from siyu.services.export_member import Export

AUDIENCE = "export"
LIFETIME = timedelta(minutes=15)
# For one person: nobody on the way keeps a copy, no page learns where it came from.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="siyu-export.json"',
    "Referrer-Policy": "no-referrer",
}


class LinkBody(BaseModel):
    """Where everything about the member can be fetched, by whoever has the link."""

    url: str
    expires_at: datetime

    @classmethod
    def issue(cls, member_id: str, origin: str, now: datetime) -> "LinkBody":
        made = session.issue(member_id, now, AUDIENCE, LIFETIME)
        return cls(url=f"{origin}/v1/exports/{made.token}", expires_at=made.expires_at)


def member_of_link(token: str, now: datetime) -> str:
    """Raises NotFoundError: a link that does not hold is none."""
    try:
        return session.read(token, now, AUDIENCE)
    except NotSignedInError:
        raise NotFoundError("no such export") from None


class ErasureRequest(BaseModel):
    """A fresh login, so that a stolen session cannot erase anybody."""

    model_config = ConfigDict(extra="forbid")

    login_code: LoginCode


class ErasedBody(BaseModel):
    status: Literal["erased"] = "erased"


class FirstTouchBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: str
    store: str
    code: str
    guide: str | None
    channel: str | None


class AccountBody(BaseModel):
    id: str
    joined_at: datetime
    first_touch: FirstTouchBody
    referred: bool = Field(description="Whether another member sent them")
    identities: list[str] = Field(
        description="What leads to the account, by kind: of the things themselves we hold only "
        "keyed hashes"
    )

    @classmethod
    def of(cls, member: Member, kinds: Iterable[str], *, referred: bool) -> "AccountBody":
        return cls(
            id=member.member_id,
            joined_at=member.joined_at,
            first_touch=FirstTouchBody.model_validate(member.first_touch),
            referred=referred,
            identities=list(kinds),
        )


class RelationBody(BaseModel):
    """A friendship with a guide, or following the official account."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    since: datetime | None
    guide: str | None
    store: str | None
    ended_at: datetime | None
    ended_by: str | None


class OrderBody(BaseModel):
    source: str
    order_id: str
    store: str | None
    paid_minor: int
    paid_at: datetime | None
    refunded_minor: int
    refunded_at: datetime | None
    cancelled_at: datetime | None
    completed_at: datetime | None
    told_by: list[str] = Field(
        description="The orders, as <source>#<id>, that tell of this payment; empty for one order"
    )

    @classmethod
    def from_domain(cls, order: "Order") -> "OrderBody":
        return cls(
            source=order.source,
            order_id=order.order_id,
            store=order.paid.store_id if order.paid else None,
            paid_minor=order.paid_minor,
            paid_at=order.paid.occurred_at if order.paid else None,
            refunded_minor=order.refunded_minor,
            refunded_at=order.refunded_at,
            cancelled_at=order.cancelled_at,
            completed_at=order.completed_at,
            told_by=list(order.parts),
        )


class ExportResponse(BaseModel):
    """Everything we hold about a member."""

    exported_at: datetime
    currency: str
    accounts: list[AccountBody]
    phones: list[str]
    purchases: PurchasesBody
    credit: CreditBody
    credit_entries: list[LineBody] = Field(description="Oldest first")
    stage: str | None
    group: str | None
    segments: list[SegmentBody]
    coupons: list[WalletCouponBody]
    consents: list[ConsentBody]
    relations: list[RelationBody]
    orders: list[OrderBody]

    @classmethod
    def from_domain(cls, export: "Export", now: datetime) -> "ExportResponse":
        shown, person = MeResponse.from_domain(export.account), export.account.person
        return cls(
            exported_at=now,
            currency=shown.currency,
            accounts=[
                AccountBody.of(
                    one.member,
                    (kind for kind, _ in one.identities),
                    referred=one.binding is not None,
                )
                for one in person.accounts
            ],
            phones=list(export.phones),
            purchases=shown.purchases,
            credit=shown.credit,
            credit_entries=[LineBody.of(line) for line in export.statement],
            stage=shown.stage,
            group=shown.group,
            segments=[SegmentBody.from_domain(one) for one in export.labels],
            coupons=[WalletCouponBody.of(coupon, now) for _, coupon in person.coupons],
            consents=[ConsentBody.from_domain(one) for one in person.consents],
            relations=[RelationBody.model_validate(one) for one in export.relations],
            orders=[OrderBody.from_domain(one) for one in export.orders],
        )


LINK = answers(LinkBody, 401, 404)
DATA = answers(ExportResponse, 404)
ERASED = answers(ErasedBody, 400, 401, 404, 415, 422, 503)
ERASED[202] = ERASED.pop(200)
