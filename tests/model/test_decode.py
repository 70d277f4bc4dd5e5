from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES, attribute
from skintui.model.decode import Answers, alphabet_ids, numbers, spread, spreads, texts
from skintui.model.reader import LesionReader

CHARACTERS = "0123456789.-"


def rows(*steps: dict[str, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(T, 13) probabilities from characters; ``$`` is the end."""
    table = np.zeros((len(steps), 13))
    for line, step in zip(table, steps, strict=True):
        for character, probability in step.items():
            line[(CHARACTERS + "$").index(character)] = probability
    return table


def spread_of(answer: str, *steps: dict[str, float]) -> float:
    table = rows(*steps)
    chosen = np.array([step[c] for step, c in zip(steps, [*answer, "$"], strict=True)])
    return spread(answer, chosen, table)


SURE = {c: {c: 1.0} for c in CHARACTERS + "$"}


def test_a_certain_answer_has_no_spread() -> None:
    assert spread_of("12.5", *(SURE[c] for c in "12.5$")) == 0.0


def test_two_uncertain_digits_by_hand() -> None:
    # leave at the tens: 0.1 · (2 − 1)² · 10² = 10; else at the ones: 0.9 · 0.2 · (3 − 2)² · 1² = 0.18
    got = spread_of("12.5", {"1": 0.9, "2": 0.1}, {"2": 0.8, "3": 0.2}, SURE["."], SURE["5"], SURE["$"])
    assert got == pytest.approx((10 + 0.18) ** 0.5)


def test_a_decimal_counts_by_its_place() -> None:
    # 0.5 · ((7 − 5) · 0.1)² = 0.02
    got = spread_of("12.5", SURE["1"], SURE["2"], SURE["."], {"5": 0.5, "7": 0.5}, SURE["$"])
    assert got == pytest.approx(0.02**0.5)


def test_an_uncertain_sign_by_hand() -> None:
    # 4.0 instead of −4.0 with probability 0.1: 0.1 · 8²
    assert spread_of("-4.0", {"-": 0.9, "4": 0.1}, SURE["4"], SURE["."], SURE["0"], SURE["$"]) == pytest.approx(
        6.4**0.5
    )


def test_an_uncertain_minus_by_hand() -> None:
    assert spread_of("4.0", {"4": 0.9, "-": 0.1}, SURE["."], SURE["0"], SURE["$"]) == pytest.approx(6.4**0.5)


def test_a_longer_whole_part_by_hand() -> None:
    # 45.0 instead of 4.0 with probability 0.1: 0.1 · 41²
    assert spread_of("4.0", SURE["4"], {".": 0.9, "5": 0.1}, SURE["0"], SURE["$"]) == pytest.approx(168.1**0.5)


def test_a_shorter_whole_part_by_hand() -> None:
    # 1.25 instead of 12.5 with probability 0.1: 0.1 · 11.25²
    got = spread_of("12.5", SURE["1"], {"2": 0.9, ".": 0.1}, SURE["."], SURE["5"], SURE["$"])
    assert got == pytest.approx((0.1 * 11.25**2) ** 0.5)


def test_an_early_end_by_hand() -> None:
    # 12 instead of 12.5 with probability 0.2: 0.2 · 0.5²
    got = spread_of("12.5", SURE["1"], SURE["2"], SURE["."], {"5": 0.8, "$": 0.2}, SURE["$"])
    assert got == pytest.approx(0.05**0.5)


def test_digits_point_minus_and_end_are_one_token_each(tiny_reader: LesionReader) -> None:
    ids = alphabet_ids(tiny_reader.prompt)
    assert len(set(ids)) == 13
    assert tiny_reader.prompt.tokenizer.decode(ids[:12]) == CHARACTERS


def _answers(reader: LesionReader, *written: str) -> Answers:
    ids = [reader.prompt.answer(text) for text in written]
    width = max(map(len, ids))
    table = np.array([[[*one, *[reader.prompt.end] * (width - len(one))] for one in ids]])
    return Answers(table, np.ones(table.shape), np.zeros((*table.shape, 13)), np.zeros((*table.shape[:2], 0)))


def test_what_is_no_number_is_missing_and_keeps_its_text(tiny_reader: LesionReader) -> None:
    answers = _answers(tiny_reader, "12.50", "large", "99999999.0")
    written = texts(tiny_reader.prompt, answers)
    assert written == [["12.50", "large", "99999999.0"]]
    got = numbers(ATTRIBUTES[:3], written)
    np.testing.assert_array_equal(got, [[12.5, np.nan, np.nan]])


def test_spread_is_missing_where_the_number_is(tiny_reader: LesionReader) -> None:
    answers = _answers(tiny_reader, "12.50", "large")
    got = spreads(tiny_reader.prompt, answers, np.array([[12.5, np.nan]]))
    np.testing.assert_array_equal(got, [[0.0, np.nan]])


def test_implausible_is_judged_by_the_attribute() -> None:
    assert np.isnan(numbers([attribute("norm_color")], [["12.00"]])[0, 0])
    assert numbers([attribute("areaMM2")], [["12.00"]])[0, 0] == 12.0
