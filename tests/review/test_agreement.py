import pytest

from skintui.review.agreement import agreements, cohen_kappa, fleiss_kappa, implied_value, intraclass
from skintui.review.verdicts import Verdict


def test_kappa_of_a_table_worked_by_hand() -> None:
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: p_o = 35/50 = .7, p_e = .5·.6 + .5·.4 = .5, κ = .2/.5 = .4
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)


def test_kappa_of_nothing_is_none() -> None:
    assert cohen_kappa([]) is None


def test_kappa_is_none_where_both_always_say_the_same() -> None:
    assert cohen_kappa([("y", "y")] * 3) is None


def test_only_shared_annotations_count() -> None:
    verdicts = [
        Verdict("ISIC_1", "areaMM2", "label_ok", "ann"),
        Verdict("ISIC_1", "areaMM2", "label_wrong", "ben"),
        Verdict("ISIC_2", "areaMM2", "label_ok", "ann"),
        Verdict("ISIC_3", "areaMM2", "label_ok", "cem"),
    ]
    (found,) = agreements({v.key: v for v in verdicts})
    assert (found.reviewers, found.shared, found.agreed) == (("ann", "ben"), 1, 0)
    assert [(a.verdict, b.verdict) for a, b in found.disagreements] == [("label_ok", "label_wrong")]


FLEISS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
"""Fleiss (1971), table 1: 30 patients, six psychiatrists each; how many gave each of five diagnoses."""


def test_fleiss_kappa_of_the_published_table() -> None:
    items = [[c for c, n in zip("abcde", map(int, row), strict=True) for _ in range(n)] for row in FLEISS.split()]
    assert fleiss_kappa(items) == pytest.approx(0.430, abs=5e-4)


def test_fleiss_kappa_worked_by_hand() -> None:
    # yyy and yyn: P̄ = (1 + 1/3) / 2 = 2/3; shares 5/6 and 1/6: P̄_e = 26/36; κ = (2/3 − 13/18) / (5/18) = −.2
    assert fleiss_kappa(["yyy", "yyn"]) == pytest.approx(-0.2)


def test_fleiss_kappa_of_nothing_is_none() -> None:
    assert fleiss_kappa([]) is None


def test_fleiss_kappa_refuses_items_with_different_numbers_of_ratings() -> None:
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa(["yy", "yyy"])


SHROUT_FLEISS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))
"""Shrout & Fleiss (1979), table 2: six targets, four judges."""


def test_the_intraclass_correlation_of_the_published_table() -> None:
    assert intraclass(SHROUT_FLEISS) == pytest.approx(0.29, abs=5e-3)


def test_a_constant_offset_lowers_absolute_agreement() -> None:
    # b = a + 1: BMS 2, JMS 1.5, EMS 0: 2 / (2 + 2·1.5/3)
    assert intraclass([(1, 2), (2, 3), (3, 4)]) == pytest.approx(2 / 3)


def test_equal_values_agree_fully() -> None:
    assert intraclass([(1, 1), (2, 2)]) == pytest.approx(1.0)


@pytest.mark.parametrize("items", [[], [(1.0, 2.0)], [(1.0, 1.0), (1.0, 1.0)]])
def test_too_little_to_correlate_is_none(items: list[tuple[float, float]]) -> None:
    assert intraclass(items) is None


@pytest.mark.parametrize(
    ("verdict", "value"),
    [
        (Verdict("I", "areaMM2", "label_wrong", "ann", proposed_value=4.1, label=41.0), 4.1),
        (Verdict("I", "areaMM2", "label_ok", "ann", label=41.0), 41.0),
        (Verdict("I", "areaMM2", "label_wrong", "ann", label=41.0), None),
        (Verdict("I", "areaMM2", "unsure", "ann", label=41.0), None),
    ],
)
def test_a_verdict_stands_for_a_value(verdict: Verdict, value: float | None) -> None:
    assert implied_value(verdict) == value


def latest(*verdicts: Verdict) -> dict[tuple[str, str, str], Verdict]:
    return {v.key: v for v in verdicts}


def test_only_annotations_somebody_corrected_are_valued() -> None:
    found = agreements(
        latest(
            *(
                Verdict("I_1", "areaMM2", "label_wrong", name, proposed_value=4.0, label=40.0)
                for name in ("ann", "ben")
            ),
            Verdict("I_2", "areaMM2", "label_wrong", "ann", proposed_value=5.0, label=50.0),
            Verdict("I_2", "areaMM2", "label_ok", "ben", label=50.0),
            *(Verdict("I_3", "areaMM2", "label_ok", name, label=7.0) for name in ("ann", "ben")),
        )
    )
    assert found[0].attributes[0].valued == 2


def test_agreement_is_told_per_attribute() -> None:
    found = agreements(
        latest(
            *(Verdict("I_1", "deltaL", "label_ok", name) for name in ("ann", "ben")),
            Verdict("I_1", "areaMM2", "label_ok", "ann"),
            Verdict("I_1", "areaMM2", "label_wrong", "ben"),
        )
    )
    assert [(a.attribute, a.shared, a.agreed) for a in found[0].attributes] == [("areaMM2", 1, 0), ("deltaL", 1, 1)]


def test_three_reviewers_are_also_compared_together() -> None:
    found = agreements(latest(*(Verdict("I_1", "deltaL", "label_ok", name) for name in ("ann", "ben", "cem"))))
    assert [a.reviewers for a in found] == [("ann", "ben"), ("ann", "cem"), ("ben", "cem"), ("ann", "ben", "cem")]


def test_together_only_what_all_judged_counts() -> None:
    found = agreements(
        latest(
            *(Verdict("I_1", "deltaL", verdict, name) for name, verdict in
              (("ann", "label_ok"), ("ben", "label_ok"), ("cem", "label_wrong"))),
            *(Verdict("I_2", "deltaL", "label_ok", name) for name in ("ann", "ben")),
        )
    )  # fmt: skip
    assert (found[-1].shared, found[-1].agreed) == (1, 0)
