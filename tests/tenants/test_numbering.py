"""Unit numbers: unique whatever is opened where, a gap used up leads to the end, and ranges behave like sets."""

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants import numbering

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)
Allocate = Callable[[int, int | None, int], int]


def members(ranges: object) -> set[int]:
    """What ranges cover, one by one."""
    return {number for low, high in ranges for number in range(low, high + 1)}  # type: ignore[attr-defined]


@given(RANGES)
def test_merging_covers_the_same_numbers_in_the_fewest_ranges(ranges):
    merged = numbering.merge(ranges)
    assert members(merged) == members(ranges)
    assert all(left[1] + 1 < right[0] for left, right in itertools.pairwise(merged))
    assert numbering.merge(merged) == merged
    assert numbering.merge(reversed(merged)) == merged


@given(RANGES, RANGES)
def test_intersecting_is_the_intersection_of_the_sets(left, right):
    left, right = numbering.merge(left), numbering.merge(right)
    both = numbering.intersect(left, right)
    assert members(both) == members(left) & members(right)
    assert both == numbering.intersect(right, left)


@given(RANGES, st.integers(-1, 61))
def test_leaving_one_number_out(ranges, number):
    merged = numbering.merge(ranges)
    assert members(numbering.without(merged, number)) == members(merged) - {number}
    assert numbering.covers(merged, number) == (number in members(merged))


@given(st.integers(1, 2**62), st.integers(1, 2**50))
def test_a_new_unit_steps_a_little_into_the_gap(last, gap):
    number = numbering.between(last, last + gap, last + gap)
    if gap > 1:
        assert last < number < last + gap
        assert number - last <= max(1, gap // 1024)
    else:
        assert number == last + gap + numbering.STRIDE


@given(st.integers(1, 2**62 - 1))
def test_after_the_last_unit_there_is_a_wide_gap(last):
    assert numbering.between(last, None, last) == last + numbering.STRIDE


def open_many(allocate: Allocate, *, seed: int, units: int, start: list[int]) -> list[int]:
    """Open units under random parents of a growing tree; every number given, in order."""
    drawn = random.Random(seed)
    parent: dict[int, int | None] = {number: start[place - 1] if place else None
                                     for place, number in enumerate(start)}
    given_numbers = list(start)
    for _ in range(units):
        chosen = drawn.choice(given_numbers[-6:] if drawn.random() < 0.7 else given_numbers)
        inside = [each for each in given_numbers if _under(parent, each, chosen)]
        last = max(inside)
        following = min((each for each in given_numbers if each > last), default=None)
        number = allocate(last, following, max(given_numbers))
        parent[number] = chosen
        given_numbers.append(number)
    return given_numbers


def _under(parent: dict[int, int | None], unit: int | None, top: int) -> bool:
    while unit is not None and unit != top:
        unit = parent[unit]
    return unit == top


def numbers_collide(allocate: Allocate) -> bool:
    """Whether some walk through narrow gaps gives a number twice."""
    walks = [open_many(allocate, seed=seed, units=120, start=[10, 14, 15, 19, 40]) for seed in range(20)]
    return any(len(set(walk)) != len(walk) for walk in walks)


def test_numbers_are_unique_while_narrow_gaps_fill_up():
    assert not numbers_collide(numbering.between)


def test_an_allocator_that_forgets_the_end_of_the_gap_is_caught():
    assert numbers_collide(lambda last, following, _highest: last + 1 if following else last + numbering.STRIDE)


def test_a_gap_of_a_bulk_load_takes_thousands_of_units_before_the_end_is_needed():
    first, following = numbering.bulk(2)
    number, opened = first, 0
    while (number := numbering.between(number, following, following)) < following:
        opened += 1
    assert opened > 15_000
    assert number == following + numbering.STRIDE


def test_bulk_numbers_rise_by_one_stride():
    numbers = numbering.bulk(30_000)
    assert numbers[0] == numbering.FIRST
    assert {right - left for left, right in itertools.pairwise(numbers)} == {numbering.STRIDE}
    assert numbers[-1] <= numbering.LAST


def test_numbers_run_out_loudly():
    with pytest.raises(numbering.NumbersUsedUp):
        numbering.bulk(2**23)
    with pytest.raises(numbering.NumbersUsedUp):
        numbering.between(numbering.LAST - 1, None, numbering.LAST - 1)
    assert numbering.bulk(0) == []
