"""What the brand's systems and WeChat Pay report of sales."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial

from tests.channels.wechat_pay_account import MCHID
from tests.load.line import Line, insist
from tests.load.world import PAY, SHANGHAI, SHOP, TILLS, World, payload

REPEATS = 5
POISON = {
    "foreign_currency": {"currency": "EUR"},
    "not_an_order_event": {"paid_minor": -5},
    "from_the_future": {"occurred_at": "2090-01-01T00:00:00+08:00"},
}


def pay(
    world: World, line: Line, *, receipt: str | None = None, buyer: str | None = None,
    repeats: int = 1,
) -> tuple[str, int]:  # fmt: skip
    """An order of the shop's, and what was paid."""
    order, minor = world.name("order"), world.amount()
    body = world.event(
        "order.paid", order_id=order, paid_minor=minor, buyer_id=buyer, receipt_token=receipt
    )
    send = partial(world.deliver, line, SHOP, body, world.name("msg"))
    replies = line.together([send] * repeats)
    if any(reply.accepted for reply in replies):
        note_paid(world, SHOP, order, minor, receipt=receipt, buyer=buyer)
    return order, minor


def note_paid(world: World, source: str, order: str, minor: int, **names: str | None) -> None:
    """`names` are receipt, buyer, payment and openid, as far as the order has them."""
    receipt = names.get("receipt")
    world.book.note(
        "paid",
        source=source,
        order=order,
        minor=minor,
        receipt=payload(receipt) if receipt else None,
        buyer=names.get("buyer"),
        payment=names.get("payment"),
        openid=names.get("openid"),
    )


def refund(world: World, line: Line, order: str, minor: int) -> None:
    name = world.name("refund")
    body = world.event("order.refunded", order_id=order, refund_id=name, refunded_minor=minor)
    if world.deliver(line, SHOP, body, world.name("msg")).accepted:
        world.book.note("refunded", source=SHOP, order=order, refund=name, minor=minor)


def repeat_at_once(world: World, line: Line) -> None:
    """One delivery several times at the same moment."""
    pay(world, line, receipt=world.receipt(), repeats=REPEATS)


def shuffle_a_life(world: World, line: Line) -> None:
    """Created, paid, two refunds and perhaps a cancellation, in any order, with repeats."""
    order, minor = world.name("order"), world.chance.randrange(1_000, 90_000)
    parts = (minor * 3 // 10, minor - minor * 3 // 10)
    steps = [partial(_step, world, line, "order.created", order)]
    receipt = world.receipt()
    steps.append(partial(_paid, world, line, order, minor, receipt))
    steps += [partial(refund, world, line, order, part) for part in parts]
    if line.chance.random() < 0.5:
        steps.append(partial(_step, world, line, "order.cancelled", order))
    line.chance.shuffle(steps)
    for step in steps:
        step()
    member = world.anybody()
    if member is not None and member.scans < 8:
        world.claim(line, member, receipt)


def refund_first(world: World, line: Line) -> None:
    """The refund comes before the order that it is of."""
    order, minor = world.name("order"), world.chance.randrange(1_000, 90_000)
    refund(world, line, order, line.chance.randrange(1, minor + 1))
    receipt = world.receipt()
    _paid(world, line, order, minor, receipt)
    member = world.anybody()
    if member is not None and member.scans < 8:
        world.claim(line, member, receipt)


def _paid(world: World, line: Line, order: str, minor: int, receipt: str) -> None:
    body = world.event("order.paid", order_id=order, paid_minor=minor, receipt_token=receipt)
    if world.deliver(line, SHOP, body, world.name("msg")).accepted:
        note_paid(world, SHOP, order, minor, receipt=receipt)


def _step(world: World, line: Line, kind: str, order: str) -> None:
    body = world.event(kind, order_id=order)
    if world.deliver(line, SHOP, body, world.name("msg")).accepted and kind == "order.cancelled":
        world.book.note("cancelled", source=SHOP, order=order)


def reuse_a_delivery(world: World, line: Line) -> None:
    """One name for two deliveries: whichever is read first counts, the other is set aside."""
    order, delivery = world.name("order"), world.name("msg")
    minors = (world.amount(), world.amount() + 100_000)
    bodies = [world.event("order.paid", order_id=order, paid_minor=minor) for minor in minors]
    if all(world.deliver(line, SHOP, body, delivery).accepted for body in bodies):
        world.book.note("either", source=SHOP, order=order, minors=minors)
        world.book.note("poison", reason="reused_delivery_id")


def send_poison(world: World, line: Line) -> None:
    """Signed and well-formed, and nothing that could have an effect."""
    reason = line.chance.choice(sorted(POISON))
    body = json.loads(world.event("order.paid", order_id=world.name("order"), paid_minor=1))
    body["data"].update(POISON[reason])
    text, delivery = json.dumps(body).encode(), world.name("poison")
    if insist(line, lambda: world.signed(SHOP, text, delivery)).accepted:
        world.book.note("poison", reason=reason)


def tell_by_three(world: World, line: Line) -> None:
    """One sale, told by the shop, by the till and by WeChat Pay; the buyer pays with WeChat."""
    receipt, minor, payment = world.receipt(), world.amount(), world.name("payment")
    payer = world.join(line, receipt, passing=True)
    if payer is None:
        return
    tellers = [
        partial(_by, world, line, SHOP, minor, receipt_token=receipt, payment_id=payment),
        partial(_by, world, line, TILLS, minor, payment_id=payment),
        partial(_by_wechat, world, line, payer.openid, minor, payment),
    ]
    line.chance.shuffle(tellers)
    for tell in tellers:
        tell()


def _by(world: World, line: Line, source: str, minor: int, **names: str) -> None:
    order, delivery = world.name("order"), world.name("msg")
    body = world.event("order.paid", order_id=order, paid_minor=minor, **names)
    if world.deliver(line, source, body, delivery).accepted:
        receipt, payment = names.get("receipt_token"), names["payment_id"]
        note_paid(world, source, order, minor, receipt=receipt, payment=payment)


def _by_wechat(world: World, line: Line, openid: str, minor: int, payment: str) -> None:
    order = world.name("trade")
    content = {
        "mchid": MCHID,
        "appid": world.settings["app_id"],
        "out_trade_no": order,
        "transaction_id": payment,
        "trade_state": "SUCCESS",
        "success_time": datetime.now(SHANGHAI).isoformat(),
        "payer": {"openid": openid},
        "amount": {"total": minor, "payer_total": minor, "currency": "CNY"},
    }
    sent = world.senders.wechat_pay(json.dumps(content).encode())
    delivery = json.loads(sent.body)["id"]
    if insist(line, lambda: world.senders.wechat_pay_raw(sent.body)).accepted:
        world.book.note("delivered", source=PAY, delivery=delivery)
        note_paid(world, PAY, order, minor, payment=payment, openid=openid)
