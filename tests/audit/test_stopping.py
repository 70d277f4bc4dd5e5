import math

import pytest

from skintui.audit.stopping import Estimate, clean_goal, wilson


@pytest.mark.parametrize(("share", "goal"), [(0.05, 58), (0.02, 148), (0.01, 298)])
def test_the_goal_is_the_protocols(share: float, goal: int) -> None:
    assert clean_goal(share) == goal


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, math.nan])
def test_a_goal_needs_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        clean_goal(share)


def test_a_large_share_still_asks_for_one_verdict() -> None:
    assert clean_goal(0.99) == 1


def test_wilson_of_a_case_worked_by_hand() -> None:
    # 8 of 10, z² = 3.8415: middle .8 + .19207 = .99207; half 1.95996 √(.016 + .0096036) = .31361; stretch 1.38415
    found = wilson(8, 10)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.49016, 0.94331), abs=1e-4)


def test_wilson_of_a_published_case() -> None:
    # Newcombe (1998), Statist. Med. 17:857, table I, method 3: 81 of 263 gives .2553 to .3662
    found = wilson(81, 263)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(("hits", "end"), [(0, "low"), (20, "high")])
def test_wilson_stays_a_share_at_the_ends(hits: int, end: str) -> None:
    found = wilson(hits, 20)
    assert found is not None
    assert getattr(found, end) == hits / 20


def test_wilson_of_nothing_is_unknown() -> None:
    assert wilson(0, 0) is None


def test_a_share_of_things_is_a_number_of_them() -> None:
    assert Estimate(0.5, 0.25, 1.0).times(40) == Estimate(20, 10, 40)
