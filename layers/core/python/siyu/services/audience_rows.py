"""What is told of each member of an audience: one row of plain text, typed by the reader."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from siyu.domain.asked_audience import Basis
from siyu.domain.audience import Members
from siyu.domain.segments import Label
from siyu.storage.columns import Columns

# As docs/audiences.md explains them; the types are SQL's.
COLUMNS: Mapping[str, str] = {
    "member_id": "VARCHAR",
    "stage": "VARCHAR",
    "group": "VARCHAR",
    "aipl": "VARCHAR",
    "r": "BIGINT",
    "f": "BIGINT",
    "m": "BIGINT",
    "recency_days": "BIGINT",
    "frequency": "BIGINT",
    "monetary_minor": "BIGINT",
    "orders_ever": "BIGINT",
    "store": "VARCHAR",
    "joined_on": "DATE",
    "as_of": "DATE",
    "scheme": "VARCHAR",
    "scheme_version": "BIGINT",
}
ORDER = "member_id"


class _Days(dict[int, str]):
    """Day numbers as they are written."""

    def __missing__(self, day: int) -> str:
        text = self[day] = date.fromordinal(day).isoformat()
        return text


class _Labels(dict[int, str]):
    """Places in the scheme as they are written."""

    def __init__(self, members: Members) -> None:
        super().__init__()
        self._label = members.placing.label

    def __missing__(self, number: int) -> str:
        text = self[number] = _written(self._label(number))
        return text


def lines(columns: Columns, members: Members, places: Sequence[int], basis: Basis) -> Iterator[str]:
    """The rows of some members, their cells in the order of COLUMNS, empty where there is nothing.

    No text among them holds a comma, a quotation mark or a line's end: ids and stores are letters
    and digits, everything else is one of our own words.
    """
    scheme, today = basis.scheme, basis.as_of.toordinal()
    tail = f"{basis.as_of.isoformat()},{scheme.name},{scheme.version}\n"
    days, labels = _Days(), _Labels(members)
    for at in places:
        last = members.last_days[at]
        yield (
            f"{columns.member_ids[at]},{labels[members.number_of(at)]},"
            f"{today - last if last else ''},{members.orders[at]},{members.net_minor[at]},"
            f"{members.orders_ever[at]},{members.stores[at]},{days[members.joined_days[at]]},{tail}"
        )


def _written(label: Label) -> str:
    scores = ",".join(map(str, label.scores)) if label.scores else ",,"
    return f"{label.stage},{label.group or ''},{label.aipl},{scores}"
