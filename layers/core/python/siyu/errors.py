"""Every expected refusal, as one tree.

SiyuError
├── RefusalError                 the caller is told no: an HTTP status and a stable reason code
│   ├── MalformedError           400
│   ├── NotSignedInError         401
│   ├── SignatureError           401
│   │   └── ProbeSignatureError  401  the sender tests on purpose whether we look at signatures
│   ├── LoginRefusedError        401
│   ├── CodeNotValidError        404  unknown, forged, expired and revoked codes look alike
│   ├── UnknownSourceError       404
│   ├── NotFoundError            404
│   ├── AlreadyClaimedError      409
│   ├── CouponRefusedError       409  used, over, below its minimum, or the person had theirs
│   ├── CreditRefusedError       409  not enough of it, or its hold is not what the till thinks
│   ├── ProgrammeRefusedError    409  its name is taken, it would begin too soon, or is one too many
│   ├── SchemeRefusedError       409  there are as many schemes or versions as can be kept
│   ├── AudienceRefusedError     409  no night has published its scheme, or its key is another's
│   ├── NothingToDecideError     409  a credit that is approved already
│   │   └── NoteNeededError      409  blocked without a doubt, and without a word why
│   ├── UnreadableBodyError      422  authentic, and no JSON
│   ├── SpanRefusedError         422  nights that cannot be looked at together
│   ├── PhoneRefusedError        422  WeChat refused the phone code, or the number is none
│   ├── TooLargeError            413
│   ├── TooManyRequestsError     429  says when to come back
│   └── UnavailableError         503  a partner is busy or down: try again
│       └── NotYetError          503  a partner tells of what its own API does not know yet
├── NotConfiguredError           a mistake in the brand's secret, said in words; also a LookupError
├── UnprocessableEventError      an accepted event that can have no effect: kept in quarantine
│   └── ConflictingFactError     the same business key was recorded with other content
└── ContentionError              the write lost its race too often: the trigger delivers again
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class SiyuError(Exception):
    """Root of all expected errors."""


class RefusalError(SiyuError):
    """The caller is refused; `reason` is stable and safe to show, the message is for people.

    `more` are members that the caller's protocol wants to find in the answer.
    """

    status: ClassVar[int] = 400
    reason: str = "refused"
    title: ClassVar[str] = "The request was refused"
    more: Mapping[str, str | int] = MappingProxyType({})


class MalformedError(RefusalError):
    """The request cannot be read."""

    reason = "malformed_request"
    title = "The request cannot be read"


class NotSignedInError(RefusalError):
    """No session token, or one that does not hold."""

    status = 401
    reason = "not_signed_in"
    title = "Sign in first"


class SignatureError(RefusalError):
    """A webhook whose signature, timestamp or headers do not hold."""

    status = 401
    reason = "signature_not_valid"
    title = "The signature does not hold"


class ProbeSignatureError(SignatureError):
    """A signature that was made wrong on purpose, by the sender itself, to see that we look."""


class LoginRefusedError(RefusalError):
    """WeChat refused the login code (used, expired, unknown, or the user is blocked)."""

    status = 401
    reason = "login_refused"
    title = "The login code was refused"


class CodeNotValidError(RefusalError):
    """A scanned token that is unknown, forged, expired or revoked: all answer alike."""

    status = 404
    reason = "code_not_valid"
    title = "This code is not valid"


class UnknownSourceError(RefusalError):
    """A webhook source nobody configured."""

    status = 404
    reason = "unknown_source"
    title = "No such webhook source"


class NotFoundError(RefusalError):
    """What was asked for does not exist, or is not the caller's."""

    status = 404
    reason = "not_found"
    title = "Not found"


class AlreadyClaimedError(RefusalError):
    """The receipt belongs to somebody else; says nothing about whom."""

    status = 409
    reason = "already_claimed"
    title = "This receipt has been claimed already"


class _StandsAgainstError(RefusalError):
    """What stands speaks against it; `reason` says what."""

    status = 409

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


class CouponRefusedError(_StandsAgainstError):
    """A coupon that exists and cannot be redeemed now."""

    title = "This coupon cannot be redeemed"


class CreditRefusedError(_StandsAgainstError):
    """Credit that cannot be held, or a hold that cannot be captured; `spendable_minor` tells how
    much could be held where more was asked for."""

    title = "This credit cannot be taken"

    def __init__(self, reason: str, detail: str = "", spendable_minor: int | None = None) -> None:
        super().__init__(reason, detail)
        if spendable_minor is not None:
            self.more = {"spendable_minor": spendable_minor}


class ProgrammeRefusedError(_StandsAgainstError):
    """A version of the referral rules that cannot be published; `detail` says what to do."""

    title = "This version cannot be published"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.more = {"detail": detail}


class SchemeRefusedError(_StandsAgainstError):
    """A version of a scheme that cannot be published."""

    title = "This version cannot be published"


class AudienceRefusedError(_StandsAgainstError):
    """An audience that cannot be looked for."""

    title = "This audience cannot be looked for"


class NothingToDecideError(RefusalError):
    """A credit that the rules let through, and that nobody has ruled on."""

    status = 409
    reason = "nothing_to_decide"
    title = "This credit is approved already"
    detail = "it counts without a decision; to take it back, block it, with a note that says why"

    def __init__(self) -> None:
        super().__init__(self.detail)
        self.more = {"detail": self.detail}


class NoteNeededError(NothingToDecideError):
    """A credit that the rules do not doubt is to be blocked, and nobody says why."""

    reason = "note_needed"
    title = "Say why this credit is blocked"
    detail = (
        "the rules see no reason to block this credit: send the same with a note that gives one"
    )


class SpanRefusedError(RefusalError):
    """Nights that cannot be looked at together; `reason` says why, and `detail` in words."""

    status = 422
    title = "These nights cannot be looked at together"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.more = {"detail": detail}


class PhoneRefusedError(RefusalError):
    """WeChat refused the code of a phone number, or what it gave is no number we take."""

    status = 422
    reason = "phone_refused"
    title = "The phone number could not be verified"


class UnreadableBodyError(RefusalError):
    """An authentic webhook whose body is no JSON."""

    status = 422
    reason = "not_json"
    title = "The body is not JSON"


class TooLargeError(RefusalError):
    """The body exceeds the limit."""

    status = 413
    reason = "too_large"
    title = "The request is too large"


class TooManyRequestsError(RefusalError):
    """A limit is reached; `limit` names it, `retry_after` is in seconds."""

    status = 429
    reason = "too_many_requests"
    title = "Too many requests, try again later"

    def __init__(self, limit: str, retry_after: int) -> None:
        super().__init__(f"the limit of {limit} is reached")
        self.limit = limit
        self.retry_after = retry_after


class UnavailableError(RefusalError):
    """A partner is busy or does not answer; the same request may succeed later."""

    status = 503
    reason = "temporarily_unavailable"
    title = "Try again in a moment"


class NotYetError(UnavailableError):
    """A partner answers, but its answer is older than what it told us before."""


class NotConfiguredError(SiyuError, LookupError):
    """The brand's secret lacks something, or has it in another form; never tells its value."""


class UnprocessableEventError(SiyuError):
    """An accepted event that can have no effect as it stands; `reason` is a stable code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class ConflictingFactError(UnprocessableEventError):
    """The same business key was recorded before with other content."""

    def __init__(self, detail: str) -> None:
        super().__init__("conflicting_fact", detail)


class ContentionError(SiyuError):
    """A conditional write lost its race on every try within its budget."""
