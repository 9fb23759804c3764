"""Pages are read alike by patterns and by the JSON parser, and members as their figures say."""

from __future__ import annotations

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.storage.columns import gather, origin
from siyu.storage.pages import Page, decode, decode_plainly
from tests.domain.populations import patient
from tests.services.written_rows import (
    TONIGHT,
    WINDOWS,
    Somebody,
    body_of,
    expected,
    somebody,
    told,
)


def read(page: Page) -> tuple[object, ...]:
    return page.rows, page.books, list(page.buckets), len(page.buckets), page.last_key


@patient
@given(st.lists(somebody, max_size=8), st.none() | st.from_regex(r"[0-9a-z]{12}", fullmatch=True))
def test_both_ways_of_decoding_read_the_same(people: list[Somebody], last: str | None) -> None:
    body = body_of(people, last)
    page = decode(body)
    assert read(page) == read(decode_plainly(body))
    assert len(page.rows) == len(people)
    assert (page.last_key is None) == (last is None)
    for how in ({"separators": (", ", ": ")}, {"indent": 1}, {"sort_keys": True}):
        assert read(decode(body_of(people, last, **how))) == read(page)


@patient
@given(st.lists(somebody, min_size=1, max_size=4), st.sampled_from("|=-+/;,jL1"))
def test_characters_that_are_written_as_escapes_are_read_the_slow_way(
    people: list[Somebody], character: str
) -> None:
    plain = body_of(people)
    escaped = re.sub(
        rb'(?<=:")[^"]*(?=")',
        lambda found: found[0].replace(character.encode(), b"\\u%04x" % ord(character)),
        plain,
    )
    assert read(decode(escaped)) == read(decode_plainly(plain))


@patient
@given(st.lists(st.lists(somebody, max_size=5), max_size=4), st.integers(-40, 40))
def test_members_are_gathered_as_their_figures_say(pages: list[list[Somebody]], ago: int) -> None:
    """Whoever is counted, with windows that cross a member's days and orders that come later."""
    as_of = TONIGHT + timedelta(days=ago)
    decoded = (decode(body_of(people)) for people in pages)
    columns = gather(decoded, as_of, WINDOWS)
    assert told(columns) == expected([one for people in pages for one in people], as_of)


@patient
@given(somebody)
def test_where_a_member_came_from_is_in_the_row(one: Somebody) -> None:
    assert origin(one.z) == (one.joined_day, one.store)
