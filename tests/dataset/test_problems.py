from __future__ import annotations

from skintui.dataset import problems
from skintui.dataset.problems import Problem, each


def test_text_of_a_file_cannot_act_on_the_terminal() -> None:
    problem = Problem("duplicate_id", "ISIC\x1b[31m", "a\u202eb", "x\ny")
    assert "\x1b" not in problem.isic_id
    assert "\u202e" not in problem.column
    assert problem.message == "x y"


def test_as_dict_has_the_four_fields_of_the_report() -> None:
    assert list(Problem("duplicate_id", "i", "c", "m").as_dict()) == ["kind", "isic_id", "column", "message"]


def test_each_lists_singly_up_to_the_limit_and_counts_the_rest() -> None:
    total = problems.LIMIT + 7
    found = each("not_a_number", "c", ((str(k), "m") for k in range(total)), total)
    assert len(found) == problems.LIMIT + 1
    assert found[-1].isic_id == ""
    assert found[-1].message == "7 more of this kind are not listed (10,007 in all)"


def test_every_kind_is_explained() -> None:
    constants = {value for name, value in vars(problems).items() if name.isupper() and isinstance(value, str)}
    assert constants == set(problems.KINDS)
