from __future__ import annotations

import pytest

from skintui.session import Cell, Session
from skintui.steps.place import Place
from skintui.tui.screens.rows import LesionRows
from tests.made_results import WRONG


@pytest.fixture
def session(place: Place) -> Session:
    session = Session(place, reviewer="ada")
    session.load_results()
    return session


def shown(rows: LesionRows, index: int, width: int) -> str:
    return "".join(text for text, _ in rows.row(index, width - 1))


def test_the_default_is_label_model_and_suspicion(session: Session) -> None:
    row, attribute = WRONG[0]
    state = session.state(Cell(row, attribute))
    text = shown(LesionRows(session), row, 35)
    assert text.startswith(f"  {session.ids[row]} ")
    assert text.split()[1:3] == [f"{state.label:.2f}", f"{state.predicted:.2f}"]
    assert "━" in text


@pytest.mark.parametrize(("width", "names"), [(30, ["lesion", "label"]), (35, ["lesion", "label", "model"])])
def test_heads_stand_above_what_fits(session: Session, width: int, names: list[str]) -> None:
    ((text, _),) = LesionRows(session).head(width)
    assert text.replace("›", " ").split() == names
    assert len(text) == width


def test_a_wide_table_shows_the_patient(session: Session) -> None:
    assert str(session.lesions.patients[3]) in shown(LesionRows(session), 3, 60)


def test_a_head_is_right_aligned_with_its_numbers(session: Session) -> None:
    session.columns.restore({"shown": ["tbp_lv_perimeterMM", "age_approx"], "pinned": []})
    rows = LesionRows(session)
    ((text, _),) = rows.head(60)
    row = " " + shown(rows, 0, 60)
    end = text.index("perimeter mm") + len("perimeter mm")
    assert row[:end].endswith(f"{session.labels[0, 2]:.2f}")


def test_the_unit_stays_when_the_name_is_cut(session: Session) -> None:
    session.columns.restore({"shown": ["tbp_lv_stdLExt"], "pinned": []})
    ((text, _),) = LesionRows(session).head(60)
    assert text.split("lesion")[1].strip() == "std of L*… LAB"


def test_the_difference_is_label_less_prediction(session: Session) -> None:
    session.columns.restore({"shown": ["difference"], "pinned": []})
    state = session.state(Cell(0, 0))
    text = shown(LesionRows(session), 0, 60)
    assert text.split()[-1] == f"{state.label - state.predicted:+.2f}".replace("-", "−")


def test_a_column_beyond_the_right_is_pointed_at(session: Session) -> None:
    ((text, _),) = LesionRows(session).head(35)
    assert text.endswith(" ›")
    session.columns.scroll(1)
    ((text, _),) = LesionRows(session).head(35)
    assert text[:3] == " ‹ "


def test_a_long_text_is_cut(session: Session) -> None:
    session.columns.restore({"shown": ["iddx_full"], "pinned": []})
    long = max(range(24), key=lambda row: len(session.lesions.frame["iddx_full"][row] or ""))
    width = session.columns.column("iddx_full").width
    assert width <= 20
    assert len(shown(LesionRows(session), long, 100)) <= 2 + 13 + 20
