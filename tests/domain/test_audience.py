"""An audience is whoever all conditions hold for, asked one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.audience import Members, Query, Span, find
from siyu.domain.cut_points import Tally, buckets_to_open, cut
from siyu.domain.placing import Placing
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import DEFAULT
from siyu.domain.segments import AIPL, GROUPS, STAGES, Label, Measure, place

NIGHT = date(2026, 11, 22)
TODAY = NIGHT.toordinal()
STORES = ("A1B", "B2C", "C3D")
Person = tuple[Measure, str]


def persons() -> st.SearchStrategy[Person]:
    """Who bought, and who only joined."""
    joined = st.integers(TODAY - 900, TODAY)
    bought = st.builds(
        lambda last, orders, more, net, joined_day: Measure(
            last, orders, net if orders else 0, orders + more, joined_day
        ),
        st.integers(TODAY - 500, TODAY),
        st.integers(0, 6),
        st.integers(1, 3),
        st.integers(-500, 90_000),
        joined,
    )
    idle = st.builds(Measure, st.none(), st.just(0), st.just(0), st.just(0), joined)
    return st.tuples(bought | idle, st.sampled_from(STORES))


def spans(low: int, high: int) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(
        st.sampled_from(["at_least", "at_most"]), st.integers(low, high), min_size=1
    )


def days() -> st.SearchStrategy[dict[str, str]]:
    day = st.integers(0, 900).map(lambda ago: (NIGHT - timedelta(days=ago)).isoformat())
    return st.dictionaries(st.sampled_from(["since", "until"]), day, min_size=1)


def some(*names: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True)


CONDITIONS: Mapping[str, st.SearchStrategy[Any]] = {
    "stages": some(*STAGES),
    "groups": some(*GROUPS.values(), "unscored"),
    "aipl": some(*AIPL),
    "stores": some(*STORES),
    **dict.fromkeys("rfm", spans(1, 5)),
    "recency_days": spans(0, 520),
    "frequency": spans(0, 7),
    "monetary_minor": spans(-600, 90_000),
    "orders_ever": spans(0, 8),
    "joined_days": spans(0, 920),
    "joined": days(),
}
# More at once hold for nobody.
conjunctions = st.lists(st.sampled_from(sorted(CONDITIONS)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: CONDITIONS[name] for name in names})
)
queries = st.builds(
    lambda plain, others: {"scheme": "default", **plain, **({"any_of": others} if others else {})},
    conjunctions,
    st.lists(conjunctions, max_size=5),
)


def within(span: Mapping[str, int], value: int | None) -> bool:
    if value is None:
        return False
    return span.get("at_least", value) <= value <= span.get("at_most", value)


def holds(body: Mapping[str, Any], label: Label, measure: Measure, store: str) -> bool:
    """The definition, for one member and one conjunction, in the words of the page."""
    scores = label.scores or (None, None, None)
    idle = None if measure.last_day is None else TODAY - measure.last_day
    joined = date.fromordinal(measure.joined_day).isoformat()
    values = {
        **dict(zip("rfm", scores, strict=True)),
        "recency_days": idle,
        "frequency": measure.orders,
        "monetary_minor": measure.net_minor,
        "orders_ever": measure.orders_ever,
        "joined_days": TODAY - measure.joined_day,
    }
    sets = {
        "stages": label.stage,
        "groups": label.group or "unscored",
        "aipl": label.aipl,
        "stores": store,
    }
    day = body.get("joined", {})
    return (
        all(within(body[name], value) for name, value in values.items() if name in body)
        and all(value in body[name] for name, value in sets.items() if name in body)
        and day.get("since", joined) <= joined <= day.get("until", joined)
    )


def placed(drawn: list[Person], *, some_only: bool = False) -> tuple[Members, list[Label]]:
    """Some persons by column, two of three if so wished, and where each of all stands."""
    tally = Tally()
    buyers = [one for one, _ in drawn if one.orders and one.last_day]
    net = [one.net_minor for one in buyers]
    tally.count([one.last_day or 0 for one in buyers], [one.orders for one in buyers], net)
    cuts = cut(tally, values_in(net, buckets_to_open(tally, DEFAULT)), DEFAULT, NIGHT)
    places = [at for at in range(len(drawn)) if not some_only or at % 3]
    there = [drawn[at][0] for at in places]
    placing = Placing(DEFAULT, cuts, NIGHT)
    numbers = placing.numbers(
        [one.last_day or 0 for one in there],
        [one.joined_day for one in there],
        [one.orders for one in there],
        [one.net_minor for one in there],
        [one.orders_ever for one in there],
    )
    members = Members(
        places,
        dict(zip(places, numbers, strict=True)).__getitem__,
        placing,
        [one.last_day or 0 for one, _ in drawn],
        [one.orders for one, _ in drawn],
        [one.net_minor for one, _ in drawn],
        [one.orders_ever for one, _ in drawn],
        [one.joined_day for one, _ in drawn],
        [store for _, store in drawn],
        NIGHT,
    )
    return members, [place(measure, DEFAULT, cuts, NIGHT) for measure, _ in drawn]


@given(st.lists(persons(), min_size=5, max_size=40), queries, st.booleans())
def test_columns_find_whom_the_definition_names(
    drawn: list[Person], body: dict[str, Any], some_only: bool
) -> None:
    members, labels = placed(drawn, some_only=some_only)
    expected = []
    for at in members.places:
        (measure, store), label = drawn[at], labels[at]
        assert members.label(at) == label
        others = body.get("any_of") or [{}]
        if holds(body, label, measure, store) and any(
            holds(one, label, measure, store) for one in others
        ):
            expected.append(at)
    assert list(find(Query.of_body(body), members)) == expected


def exactly(measure: Measure, label: Label, store: str) -> dict[str, Any]:
    """All that can be asked of somebody, each as narrow as it can be."""
    numbers = {
        "frequency": measure.orders,
        "monetary_minor": measure.net_minor,
        "orders_ever": measure.orders_ever,
        "joined_days": TODAY - measure.joined_day,
    }
    if measure.last_day is not None:
        numbers["recency_days"] = TODAY - measure.last_day
    numbers |= dict(zip("rfm", label.scores or (), strict=False))
    joined = date.fromordinal(measure.joined_day).isoformat()
    return {
        "stages": [label.stage],
        "groups": [label.group or "unscored"],
        "aipl": [label.aipl],
        "stores": [store],
        "joined": {"since": joined, "until": joined},
        **{name: {"at_least": value, "at_most": value} for name, value in numbers.items()},
    }


def missed(name: str, asked: Any) -> Iterator[Any]:
    """A condition next to the one that somebody just meets."""
    if isinstance(asked, list):
        yield [one for one in CONDITIONS_OF[name] if one not in asked]
    elif "since" in asked:
        day = date.fromisoformat(asked["since"])
        yield {"since": (day + timedelta(days=1)).isoformat()}
        yield {"until": (day - timedelta(days=1)).isoformat()}
    else:
        yield {"at_least": asked["at_least"] + 1}
        yield {"at_most": asked["at_most"] - 1}


CONDITIONS_OF = {
    "stages": STAGES,
    "groups": (*GROUPS.values(), "unscored"),
    "aipl": AIPL,
    "stores": STORES,
}


@given(st.lists(persons(), min_size=5, max_size=20))
def test_each_condition_holds_up_to_its_very_end(drawn: list[Person]) -> None:
    members, labels = placed(drawn)
    for at, (measure, store) in enumerate(drawn):
        for name, asked in exactly(measure, labels[at], store).items():
            body = {"scheme": "default", name: asked}
            assert at in find(Query.of_body(body), members), name
            for other in missed(name, asked):
                assert at not in find(Query.of_body({**body, name: other}), members), name


@given(st.integers(), st.none() | st.integers(-99, 99), st.none() | st.integers(-99, 99))
def test_a_range_holds_its_ends(value: int, least: int | None, most: int | None) -> None:
    value %= 200
    expected = (least is None or value >= least) and (most is None or value <= most)
    assert Span(least, most).holds(value) is expected
