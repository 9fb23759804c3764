"""What a member sees of themselves: the whole person, whichever account they came by."""

from dataclasses import dataclass

from siyu.domain.figures import Figures
from siyu.domain.label_book import LabelBook
from siyu.domain.ledger import Balance
from siyu.domain.schemes import DEFAULT
from siyu.domain.segments import Label
from siyu.errors import NotFoundError
from siyu.services.known_member import known
from siyu.storage.people import Person
from siyu.storage.standings import standing


@dataclass(frozen=True, slots=True)
class Account:
    """A person with their figures, their labels by scheme and their credit."""

    person: Person
    figures: Figures
    labels: LabelBook
    balance: Balance

    @property
    def label(self) -> Label | None:
        """The label by the brand's own scheme."""
        code = self.labels.code(DEFAULT.name)
        return Label.of_code(code) if code else None


def show_member(member_id: str) -> Account:
    """Two round trips, more for a person with several accounts. Raises NotFoundError."""
    person = known(member_id)
    aggregate, balance = standing(person)
    if aggregate is None:
        raise NotFoundError("no such member")
    return Account(person, aggregate.figures, aggregate.book, balance)
