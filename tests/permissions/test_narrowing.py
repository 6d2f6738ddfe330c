"""Templates never widen: whatever is copied from whatever, a right is worth what the whole line has in common."""

from hypothesis import given, settings
from hypothesis import strategies as st

from permissions.narrowing import Limits, Pattern, actions_of, along, chain
from permissions.roles import BOTH, Channel, Role
from tenants.place import Place

ACTIONS = sorted(actions_of(Role.clerk))
COLUMNS = ["a", "b", "c"]
names = st.one_of(st.none(), st.frozensets(st.sampled_from(ACTIONS)))
columns = st.one_of(st.none(), st.frozensets(st.sampled_from(COLUMNS)))
ends = st.frozensets(st.sampled_from(list(Channel)))
limits = st.builds(Limits, st.just(Role.clerk), names, columns, ends)
lines = st.lists(limits, max_size=5)
ROOT = Place("r", 1, None, "/r/", "x", "x", "open")


def line_of(made: list[Limits]) -> list[Pattern]:
    """A template at the root for each, the first being the lowest."""
    return [Pattern(str(number), str(number + 1) if number + 1 < len(made) else None, ROOT, each)
            for number, each in enumerate(made)]


def grid(of: Limits) -> set[tuple[str, str, Channel]]:
    """Everything a right allows, spelled out one by one."""
    return {(action, column, end) for action in (of.actions if of.actions is not None else ACTIONS)
            for column in (of.columns if of.columns is not None else COLUMNS) for end in of.channels}


@settings(max_examples=400, deadline=None)
@given(limits, lines)
def test_a_right_is_worth_what_all_of_the_line_allow(own: Limits, made: list[Limits]) -> None:
    expected = grid(own).intersection(*(grid(each) for each in made)) if made else grid(own)
    left = along(own, "/r/u/", line_of(made))
    assert (set() if left is None else grid(left)) == expected


@settings(max_examples=300, deadline=None)
@given(limits, lines, limits)
def test_narrowing_any_link_never_adds_and_is_felt_below(own: Limits, made: list[Limits], less: Limits) -> None:
    before = along(own, "/r/u/", line_of(made))
    for place in range(len(made)):
        narrowed = [each.meet(less) if number == place else each for number, each in enumerate(made)]
        after = along(own, "/r/u/", line_of(narrowed))
        assert (set() if after is None else grid(after)) == (set() if before is None else grid(before)) & (grid(less))


@settings(max_examples=300, deadline=None)
@given(limits, limits)
def test_a_copy_is_let_pass_only_when_it_is_as_narrow(copy: Limits, original: Limits) -> None:
    if not copy.faults_within(original):
        assert grid(copy) <= grid(original)
    met = copy.meet(original)
    assert not met.faults_within(original) and not met.faults_within(copy)


def test_a_line_that_is_broken_misplaced_or_of_another_role_gives_nothing() -> None:
    whole = Limits(Role.clerk)
    sound = line_of([whole, whole])
    assert along(whole, "/r/u/", sound) == whole
    assert chain("0", {each.id: each for each in sound}) == sound
    assert chain("0", {"0": sound[0]}) is None and chain("gone", {}) is None
    loop = {"0": Pattern("0", "1", ROOT, whole), "1": Pattern("1", "0", ROOT, whole)}
    assert chain("0", loop) is None and along(whole, "/r/u/", None) is None
    beside = Pattern("0", None, Place("s", 2, "r", "/r/s/", "x", "x", "open"), whole)
    assert along(whole, "/r/u/", [beside]) is None and along(whole, "/r/s/t/", [beside]) == whole
    assert along(whole, "/r/s/", [beside, Pattern("1", None, Place("t", 3, "s", "/r/s/t/", "x", "x", "open"),
                                                  whole)]) is None
    assert along(whole, "/r/u/", [Pattern("0", None, ROOT, whole, withdrawn=True)]) is None
    assert along(whole, "/r/u/", [Pattern("0", None, ROOT, Limits(Role.chief))]) is None
    assert along(whole, "/r/u/", line_of([Limits(Role.clerk, None, None, frozenset())])) is None
    assert Limits(Role.clerk).channels == BOTH
