"""What a night has to come to, told from the members' figures by the definitions alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from siyu.domain.label_book import NOWHERE
from siyu.domain.night_report import Report
from siyu.domain.published import Published, label_of, measure_of
from siyu.domain.schemes import Scheme
from siyu.services.segment_members import segment_members
from siyu.storage import nights, schemes
from siyu.storage.aggregates import Aggregate
from tests.segmentation.life import Life

Labels = dict[str, dict[str, str]]
"""By scheme, then by member."""


@dataclass
class Observer:
    """Looks at every night of a life. `labels` are those after the last one."""

    life: Life
    labels: Labels = field(default_factory=dict)
    moves: int = 0

    def night(self, as_of: date) -> list[Report]:
        """Run a night and check all that it left."""
        before = self.life.look()
        reports = segment_members(as_of)
        after = self.life.look()
        published = nights.last_published()
        assert published is not None
        assert published.night == as_of
        assert [one.scheme for one in reports] == [scheme.name for scheme, _ in published.schemes]
        for one in after:  # the night changes no figure
            assert (before[one].figures, before[one].version) == (
                after[one].figures,
                after[one].version,
            )
        for report, (scheme, _) in zip(reports, published.schemes, strict=True):
            members = {
                member_id: one
                for member_id, one in after.items()
                if one.counted and scheme.covers(one.store)
            }
            self._check_labels(members, scheme, published)
            self._check_sizes(report, members, scheme, published)
            self._check_moves(report, members, as_of)
        assert all(not one.book.entries for one in after.values() if not one.counted)
        self.life.wiped.clear()
        return reports

    def again(self, as_of: date) -> None:
        """Run a night that is over once more: it tells the same and changes nothing."""
        before, told = self.life.look(), segment_members(as_of)
        assert [(one.scheme, one.as_of) for one in told] == [
            (one.name, as_of) for one in schemes.load().on(as_of)
        ]
        assert self.life.look() == before

    def _check_labels(
        self, members: Mapping[str, Aggregate], scheme: Scheme, published: Published
    ) -> None:
        at = next(pair for pair in published.schemes if pair[0] == scheme)
        for member_id, one in members.items():
            placed = label_of(one.figures, one.joined_day, at, published.night)
            assert one.book.code(scheme.name) == placed.code, member_id

    def _check_sizes(
        self,
        report: Report,
        members: Mapping[str, Aggregate],
        scheme: Scheme,
        published: Published,
    ) -> None:
        at = next(pair for pair in published.schemes if pair[0] == scheme)
        counts: dict[str, Counter[str]] = {"groups": Counter(), "stages": Counter()}
        counts |= {"aipl": Counter(), "scores": Counter()}
        nets = {name: Counter[str]() for name in counts}
        bought = 0
        for one in members.values():
            label = label_of(one.figures, one.joined_day, at, published.night)
            measure = measure_of(one.figures, one.joined_day, scheme, published.night)
            bought += measure.orders > 0
            parts = {"groups": label.group or "unscored", "stages": label.stage}
            parts["aipl"] = label.aipl
            if label.scores:
                parts["scores"] = f"{label.scores[0]}{label.scores[1]}"
            for name, part in parts.items():
                counts[name][part] += 1
                nets[name][part] += measure.net_minor
        assert (report.members, report.population) == (len(members), bought)
        for name, counted in counts.items():
            told = getattr(report, name)
            assert {key: part.members for key, part in told.items() if part.members} == counted
            assert {key: told[key].net_minor for key in counted} == nets[name]

    def _check_moves(self, report: Report, members: Mapping[str, Aggregate], as_of: date) -> None:
        """Each member who stands elsewhere than at the night before is in one page, once."""
        name = report.scheme
        known = self.labels.get(name, {})
        now = {member_id: one.book.entries[name].code for member_id, one in members.items()}
        stood = {
            member_id: NOWHERE if member_id in self.life.wiped else known.get(member_id, NOWHERE)
            for member_id in now
        }
        moved = {one: (stood[one], now[one]) for one in now if stood[one] != now[one]}
        pages = list(nights.pages(name, as_of, report.page_shards))
        assert {one.member_id: (one.entry.before, one.entry.code) for one in pages} == moved, (
            name,
            as_of,
        )
        assert len(pages) == len(moved)
        assert report.flows == Counter(f"{before}>{code}" for before, code in moved.values())
        self.labels[name] = now
        self.moves += len(moved)
