"""What may be wrong with a referral; how it is found out is in `vetting`."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a referral is refused, or looked at first."""

    SELF_REFERRAL = "self_referral"
    RING = "ring"
    SAME_DEVICE = "same_device"
    PAYER = "paid_by_referrer"
    STAFF = "staff"
    SUSPENDED = "referrer_suspended"
    GONE = "referrer_gone"
    RETURNING = "returning_customer"
    SAME_PHONE = "same_phone"
    FRIENDS_A_DAY = "friends_a_day"
    FRIENDS_A_MONTH = "friends_a_month"
    FRIENDS_A_MINUTE = "friends_a_minute"
    ADDRESS = "friends_per_address"
    DEVICE = "friends_per_device"
    NETWORK = "friends_per_network"
    DELIVERY = "friends_per_delivery"
    SHARE = "share_of_order"
