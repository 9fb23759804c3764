"""What a member sees of themselves: the whole person, whichever account they came by."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siyu.domain.figures import Figures
from siyu.domain.label_book import LabelBook
from siyu.domain.ledger import Balance
from siyu.errors import NotFoundError
from siyu.storage import people
from siyu.storage.people import Person

if TYPE_CHECKING:
    from siyu.domain.segments import Label


@dataclass(frozen=True, slots=True)
class Account:
    """A person with their figures, their labels by scheme and their credit."""

    person: Person
    figures: Figures
    labels: LabelBook
    balance: Balance

    @property
    def label(self) -> "Label | None":
        """The label by the brand's own scheme."""
        # Who asks whether a member is known, as most do, needs no label.
        from siyu.domain.schemes import DEFAULT  # noqa: PLC0415
        from siyu.domain.segments import Label  # noqa: PLC0415

        code = self.labels.code(DEFAULT.name)
        return Label.of_code(code) if code else None


def show_member(member_id: str) -> Account:
    """Two round trips, more for a person with several accounts. Raises NotFoundError."""
    person = known(member_id)
    aggregate, balance = people.standing(person)
    if aggregate is None:
        raise NotFoundError("no such member")
    return Account(person, aggregate.figures, aggregate.book, balance)


def known(member_id: str) -> Person:
    """The person behind an account. Raises NotFoundError when there is none, or it was erased."""
    person = people.load(member_id)
    if person is None or person.member.erased_at is not None:
        raise NotFoundError("no such member")
    return person


def known_from_the_top(member_id: str) -> Person:
    """The same, the account that speaks for the person read first.

    For who decides over all accounts and then moves its version (`members.touch`): whatever another
    one decided while the accounts below were read has moved it, too. Raises NotFoundError.
    """
    person = known(member_id)
    top = person.member.member_id
    return person if top == member_id else known(top)
