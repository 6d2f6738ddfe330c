"""The figures of the load: shares of the mix, percentiles, what counts as broken, when requests fall due."""

from random import Random

import pytest

from load_clients import Arrivals, Phase
from load_kinds import LISTS, READS, SHARES, WRITES, Somebody, drawn, log_in
from load_report import Morning, Window, at

CLERK = Somebody("t" * 30, "19970000001", "u" * 22, ["r" * 22], ["c" * 22], writes=True)
CHIEF = Somebody("s" * 30, "19970000002", "v" * 22, ["r" * 22], ["c" * 22], writes=False)


def test_the_mix_is_seventy_twenty_ten() -> None:
    assert [sum(SHARES[kind] for kind in kinds) for kinds in (READS, LISTS, WRITES)] == [70, 20, 10]
    assert set(SHARES) == {*READS, *LISTS, *WRITES}


def test_only_those_who_write_write_and_each_request_carries_its_token() -> None:
    draw = Random(3)
    asked = [drawn(draw, [CLERK, CHIEF]) for _ in range(400)]
    assert {each.kind for each in asked} == set(SHARES)
    written = [each for each in asked if each.method == "POST"]
    assert written and all(each.headers["Authorization"].endswith(CLERK.token) for each in written)
    assert len({each.headers["Idempotency-Key"] for each in written}) == len(written)
    assert log_in(draw, [CLERK], "secret").body is not None


@pytest.mark.parametrize(("values", "share", "found"), [
    ([], 0.95, 0.0), ([1.0], 0.99, 1.0), ([float(each) for each in range(100)], 0.95, 95.0),
    ([float(each) for each in range(100)], 0.5, 50.0), ([1.0, 9.0], 0.99, 9.0),
])
def test_a_percentile_is_a_value_that_was_measured(values: list[float], share: float, found: float) -> None:
    assert at(values, share) == found


def test_what_is_broken_is_a_5xx_or_no_answer_and_a_refusal_is_not() -> None:
    window = Window("x", 2.0, [("me", 0.1, 200), ("me", 0.3, 503), ("create", 0.2, 409), ("unit", 0.4, 0)])
    assert (window.broken, window.rate) == (2, 1.5)
    assert window.bad == {503: 1, 409: 1, 0: 1}
    assert window.of(("me",)) == [0.1, 0.3]


def test_the_verdicts_see_a_slow_product_and_growing_memory() -> None:
    def window(many: int, took: float) -> Window:
        return Window("x", 1.0, [("me", took, 200)] * many)

    morning = Morning([window(100, 0.1)], [window(200, 0.01)], calm=window(50, 0.1), storm=window(50, 0.19),
                      busy=window(50, 0.13), still=window(50, 0.1), cores=4,
                      memory={"web": (100, 120)}, done={}, cpu={})
    verdicts = [each.met for each in morning.findings()]
    assert verdicts == [True, None, None, True, True, False, True, True, False]


def test_open_arrivals_keep_their_rate_and_end_with_the_phase() -> None:
    arrivals = Arrivals(Phase(1, seconds=100, threads=1, rate=20, seed=4, mix="morning"), began=1000.0)
    moments = []
    while (moment := arrivals.next()) is not None:
        moments.append(moment)
    assert 1800 <= len(moments) <= 2200
    assert moments == sorted(moments) and moments[0] > 1000 and moments[-1] <= 1100
