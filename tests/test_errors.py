from skintui.errors import SkintuiError, UsageError


def test_names_place_cause_and_remedy_in_one_line() -> None:
    error = SkintuiError("the file\nis empty", where="a.csv", do="choose another")
    assert str(error) == "a.csv: the file is empty; choose another"


def test_place_and_remedy_may_be_missing() -> None:
    assert str(SkintuiError("nothing to do")) == "nothing to do"


def test_a_usage_error_is_one_of_the_explained_errors() -> None:
    assert issubclass(UsageError, SkintuiError)


def test_a_line_cannot_act_on_the_terminal() -> None:
    assert (
        str(SkintuiError("'a\x1b[2J\u202eb\0' is no verdict", where="x\u200b.csv"))
        == "x�.csv: 'a�[2J�b�' is no verdict"
    )
