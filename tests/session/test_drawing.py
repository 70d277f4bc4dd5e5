from __future__ import annotations

import numpy as np
import pytest

from skintui.session import Session
from skintui.session.drawing import (
    ABSOLUTE,
    OTHER_INK,
    OUTLINE,
    OUTLINES,
    OWN_INK,
    SIGNED,
    TILE,
    Drawing,
    drawn,
)


def pixels_of(session: Session, ink: tuple[int, int, int], kind: str) -> int:
    picture = np.asarray(drawn(session.known, Drawing(kind, 3, 5, 300)).picture)
    return int((picture == np.array(ink)).all(axis=2).sum())


def test_a_tile_is_drawn_as_it_is(session: Session) -> None:
    assert drawn(session.known, Drawing(TILE, 3, 5, 300)).picture is session.known.tile(3)


def test_an_outline_is_drawn_at_the_size_it_is_seen_in(session: Session) -> None:
    assert drawn(session.known, Drawing(OUTLINE, 3, 5, 300)).picture.size == (300, 300)
    assert pixels_of(session, OWN_INK, OUTLINE) > 40
    assert pixels_of(session, OTHER_INK, OUTLINE) == 0


def test_the_others_outline_is_dashed_over_it(session: Session) -> None:
    assert pixels_of(session, OWN_INK, OUTLINES) > 40
    assert pixels_of(session, OTHER_INK, OUTLINES) > 20


@pytest.mark.parametrize(("kind", "word"), [(ABSOLUTE, "ΔE"), (SIGNED, "L*")])
def test_a_difference_has_a_legend_with_its_scale(session: Session, kind: str, word: str) -> None:
    legend = drawn(session.known, Drawing(kind, 3, 5, 300)).legend
    assert word in legend
    assert "max" in legend


def test_every_picture_has_a_key_of_its_own() -> None:
    kinds = (TILE, OUTLINE, OUTLINES, ABSOLUTE, SIGNED)
    drawings = [Drawing(kind, row, 7 - row, pixels) for kind in kinds for row in (3, 4) for pixels in (100, 200)]
    keys = {drawing.key for drawing in drawings}
    assert len(keys) == 2 * (1 + 2 + 2 + 1 + 1)
