"""What the last night published, by which an order relabels its member at once."""

from dataclasses import dataclass
from datetime import date

from siyu.domain.cut_points import CutPoints
from siyu.domain.figures import Figures
from siyu.domain.label_book import BY_ORDER, LabelBook
from siyu.domain.schemes import Scheme
from siyu.domain.segments import Label, Measure, place


@dataclass(frozen=True, slots=True)
class Published:
    """The last night that was published, the one before it, the last that began, and the lines of
    each scheme."""

    night: date
    before: date | None
    begun: date
    schemes: tuple[tuple[Scheme, CutPoints], ...]

    def relabel(self, book: LabelBook, figures: Figures, joined_day: int, store: str) -> LabelBook:
        """The labels of a member whose figures changed.

        An order of a day that no night has seen counts already: labels are as of the last day there
        is anything of.
        """
        as_of = max(self.night, date.fromordinal(max(figures.span[1], 1)))
        last_night = self.night if self.night < self.begun else self.before or self.night
        for scheme, cuts in self.schemes:
            if not scheme.covers(store):
                continue
            placed = label_of(figures, joined_day, (scheme, cuts), as_of)
            book = book.relabelled(
                scheme.name,
                placed.code,
                self.begun.toordinal(),
                last_night.toordinal(),
                BY_ORDER,
            )
        return book


def measure_of(figures: Figures, joined_day: int, scheme: Scheme, as_of: date) -> Measure:
    """What a scheme looks at of a member on a day."""
    today = as_of.toordinal()
    orders, net = figures.within(today, scheme.window_days)
    ever, _ = figures.within(today, None)
    return Measure(figures.last_day_by(today), orders, net, ever, joined_day)


def label_of(figures: Figures, joined_day: int, at: tuple[Scheme, CutPoints], as_of: date) -> Label:
    """Where a member stands at a scheme on a day."""
    scheme, cuts = at
    return place(measure_of(figures, joined_day, scheme, as_of), scheme, cuts, as_of)
