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
    each scheme. `page_shards` is into how many parts the pages of the night go: a run after one
    that was cut short has to write over its pages. `run` is who runs the night that began last."""

    night: date
    before: date | None
    begun: date
    schemes: tuple[tuple[Scheme, CutPoints], ...]
    page_shards: int | None = None
    run: str | None = None

    def as_of(self, figures: Figures) -> date:
        """The last day there is anything of: an order of a day that no night has seen counts
        already."""
        return max(self.night, date.fromordinal(max(figures.span[1], 1)))

    def relabel(self, book: LabelBook, figures: Figures, joined_day: int, store: str) -> LabelBook:
        """The labels of a member whose figures changed, at the schemes that have the member."""
        as_of = self.as_of(figures)
        last_night = self.night if self.night < self.begun else self.before or self.night
        inside = [pair for pair in self.schemes if pair[0].covers(store)]
        book = book.kept([scheme.name for scheme, _ in inside])
        for scheme, cuts in inside:
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
