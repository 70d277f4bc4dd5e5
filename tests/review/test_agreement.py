import pytest

from skintui.review.agreement import agreements, cohen_kappa
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
