"""What stands is the latest decision per purpose, however the decisions are listed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.consents import Consent, Purpose, standing

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CONSENTS = st.lists(
    st.builds(
        Consent,
        st.sampled_from(Purpose),
        st.booleans(),
        st.sampled_from(["1", "2"]),
        st.just("a" * 64),
        st.just("mini_program"),
        # Few instants, so that decisions often fall on one.
        st.integers(0, 4).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    ),
    max_size=12,
)


@given(CONSENTS)
def test_no_decision_is_later_and_at_one_instant_the_withdrawal_counts(
    consents: list[Consent],
) -> None:
    latest = standing(consents)
    assert latest.keys() == {one.purpose for one in consents}
    for purpose, stands in latest.items():
        rivals = [one for one in consents if one.purpose == purpose]
        last = max(one.at for one in rivals)
        assert stands in rivals
        assert stands.at == last
        assert stands.granted == all(one.granted for one in rivals if one.at == last)


@given(CONSENTS.flatmap(lambda listed: st.tuples(st.just(listed), st.permutations(listed))))
def test_the_order_of_listing_does_not_matter(both: tuple[list[Consent], list[Consent]]) -> None:
    def told(consents: list[Consent]) -> dict[Purpose, tuple[bool, datetime]]:
        return {purpose: (one.granted, one.at) for purpose, one in standing(consents).items()}

    assert told(both[0]) == told(both[1])


@given(CONSENTS, st.sampled_from(Purpose))
def test_a_withdrawal_now_ends_whatever_was_agreed(
    consents: list[Consent], purpose: Purpose
) -> None:
    no = Consent(purpose, False, "2", "b" * 64, "mini_program", NOW + timedelta(minutes=4))
    assert not standing([*consents, no])[purpose].granted


def test_without_a_decision_there_is_no_consent() -> None:
    assert standing([]) == {}
