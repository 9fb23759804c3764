"""What shoppers and members do."""

from __future__ import annotations

from functools import partial

from tests.fuzz.senders import Sent
from tests.load.line import Line, asked, insist, told
from tests.load.selling import pay, refund
from tests.load.world import SCANS, Member, World

PURPOSES = ("marketing", "profiling", "guide_contact")
WORDING = "0" * 64


def look(world: World, line: Line) -> None:
    """The first page of the mini-program."""
    member = world.anybody()
    if member is not None:
        line.ask("GET", asked("/v1/me", member.authorization))


def look_at_credit(world: World, line: Line) -> None:
    member = world.anybody()
    if member is not None:
        for path in ("/v1/me/credit", "/v1/me/credit/entries", "/v1/me/referral"):
            line.ask("GET", asked(path, member.authorization))


def look_at_coupons(world: World, line: Line) -> None:
    member = world.anybody()
    if member is not None:
        line.ask("GET", asked("/v1/me/coupons", member.authorization))
        line.ask("GET", asked("/v1/me/consents", member.authorization))


def sign_in(world: World, line: Line) -> None:
    member = world.anybody()
    if member is not None:
        line.ask("POST", told("/v1/sessions", {"login_code": world.login(member.openid)}))


def show_wallet_code(world: World, line: Line) -> None:
    member = world.anybody()
    if member is not None:
        line.ask("POST", asked("/v1/me/credit/code", member.authorization))


def open_landing_page(world: World, line: Line) -> None:
    """Whose camera knows no mini-programs; a used code shows the same page as a fresh one."""
    member = world.anybody()
    used = member is not None and line.chance.random() < 0.5
    line.ask("GET", asked(f"/r/{member.receipt if used and member else world.receipt()}"))


def open_poster(world: World, line: Line) -> None:
    member = world.anybody()
    if member is not None:
        line.ask("GET", asked(f"/v1/referrals/{member.referral_code}/poster"))


def join_and_buy(world: World, line: Line) -> None:
    """The order comes before or after the scan of its receipt."""
    receipt, buyer = world.receipt(), world.name("buyer")
    early = line.chance.random() < 0.5
    if early:
        pay(world, line, receipt=receipt, buyer=buyer)
    world.join(line, receipt)
    if not early:
        pay(world, line, receipt=receipt, buyer=buyer)
    if line.chance.random() < 0.5:
        # The shop knows the buyer by now, so the next purchase needs no receipt.
        pay(world, line, buyer=buyer)


def buy_again(world: World, line: Line) -> None:
    """A member scans a fresh code; then perhaps the same one again, which is no error."""
    member = world.anybody()
    if member is None or member.scans >= SCANS:
        return join_and_buy(world, line)
    receipt = world.receipt()
    pay(world, line, receipt=receipt)
    world.claim(line, member, receipt)
    if line.chance.random() < 0.2 and member.scans < SCANS:
        world.claim(line, member, receipt)
    return None


def scan_a_used_code(world: World, line: Line) -> None:
    """Somebody photographed another one's receipt."""
    owner, other = world.anybody(), world.anybody()
    if owner is None or other is None or owner is other or other.scans >= SCANS:
        return
    if world.claim(line, other, owner.receipt) == 200:
        world.problems.append("a used receipt was claimed again")


def two_scan_one_receipt(world: World, line: Line) -> None:
    """At once; one of them has it."""
    pair = [one for one in (world.anybody(), world.anybody()) if one and one.scans < SCANS]
    if len(pair) < 2 or pair[0] is pair[1]:
        return
    receipt = world.receipt()
    pay(world, line, receipt=receipt)
    statuses = line.together([partial(world.claim, line, one, receipt) for one in pair])
    if sorted(statuses) != [200, 409]:
        world.problems.append(f"two members scanned one receipt: {sorted(statuses)}")


def bring_a_friend(world: World, line: Line) -> None:
    """Chains come of it: whoever was brought brings others."""
    referrer = world.anybody()
    receipt, buyer = world.receipt(), world.name("buyer")
    friend = world.join(line, receipt, referrer) if referrer else None
    if friend is None:
        return
    order, minor = pay(world, line, receipt=receipt, buyer=buyer)
    if line.chance.random() < 0.3:
        refund(world, line, order, line.chance.randrange(1, minor + 1))
    if line.chance.random() < 0.3:
        pay(world, line, buyer=buyer)


def refer_oneself(world: World, line: Line) -> None:
    """With one device for two persons, and with one's own code."""
    device = world.name("device")
    first = world.join(line, world.receipt(), device=device, passing=True)
    if first is None:
        return
    receipt, buyer = world.receipt(), world.name("buyer")
    again = world.join(line, receipt, first, device=device, refused="same_device", passing=True)
    if again is not None:
        pay(world, line, receipt=receipt, buyer=buyer)
        world.scan(line, again.openid, receipt, referral_code=again.referral_code)


def decide_consents(world: World, line: Line) -> None:
    member = world.anybody()
    if member is None:
        return
    purpose = line.chance.choice(PURPOSES)
    fields = {
        "purpose": purpose,
        "granted": line.chance.random() < 0.7,
        "policy_version": "1",
        "text_hash": WORDING,
    }
    # Of two decisions at once nobody could say which was the last.
    busy = (member.member_id, purpose)
    if busy in world.deciding:
        return
    world.deciding.add(busy)
    reply = insist(line, lambda: told("/v1/me/consents", fields, member.authorization))
    world.deciding.discard(busy)
    if reply.accepted:
        world.book.note(
            "consented", member=member.member_id, purpose=purpose, granted=fields["granted"]
        )


def link_a_phone(world: World, line: Line) -> None:
    member = world.anybody()
    if member is None:
        return
    number = world.number()
    code = f"phone.138{number:08d}.{number}"
    fields = {"login_code": world.login(member.openid), "code": code}
    line.ask("POST", told("/v1/me/phone", fields, member.authorization))


def leave(world: World, line: Line) -> None:
    """Joins, buys, is erased; a refund comes after."""
    receipt = world.receipt()
    member = world.join(line, receipt, passing=True)
    if member is None:
        return
    order, minor = pay(world, line, receipt=receipt)
    if _erased(world, line, member):
        world.book.note("erased", member=member.member_id)
        refund(world, line, order, line.chance.randrange(1, minor + 1))
        line.ask("GET", asked("/v1/me", member.authorization))


def _erased(world: World, line: Line, member: Member) -> bool:
    """A second try finds nobody, if it was the answer alone that was lost."""

    def tell() -> Sent:
        fields = {"login_code": world.login(member.openid)}
        return told("/v1/me", fields, member.authorization)

    return insist(line, tell, "DELETE").status in (202, 404)
