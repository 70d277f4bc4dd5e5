"""Inputs that are nearly right: valid files with a few hostile edits, drawn by hypothesis and the same for a seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

NASTY = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        *(
            "",
            "\0",
            "\r",
            "\n",
            "\t",
            "\r\n",
            '"',
            '""',
            "'",
            ",",
            ";",
            "\ufeff",
            "=1+1",
            "@a",
            "-",
            "+",
            "/",
            "..",
            "\\",
        ),
        *("NaN", "inf", "-inf", "1e999", "-1", "0", "2147483648", "18446744073709551616", "9" * 400, "0x10", "1_000"),
        *("null", "true", "[]", "{}", "[" * 3000, '{"a":' * 3000, '"' + "a" * 3000 + '"', "[[1]]", "1.5", '"x"'),
        *(
            "\x1b]0;owned\x07",
            "\x1b[2J",
            "\x9b2J",
            "\u202e",
            "\u200b",
            "\ud800",
            "é" * 50,
            "[bold]x[/bold]",
            "%s%n",
            "🙂",
        ),
        *("../../../../etc/passwd", "/dev/zero", "/proc/self/mem", "file:///etc/passwd", "http://localhost:1/x"),
    )
)
"""Pieces that parsers have stumbled over."""
_BITS = tuple(1 << k for k in range(8))
_WORDS = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0", b"\xff\xff\xff\x7f", b"\xff" * 8)
_LARGEST = 1 << 20


_FIELD = re.compile(rb"[\w.+-]+|\"[^\"]*\"|'[^']*'")
"""A word, a number, a text in quotes."""


@st.composite
def mutated(draw: DrawFn, seeds: Sequence[bytes], tokens: Sequence[bytes] = (), text: bool = False) -> bytes:
    """One of ``seeds`` after one to eight edits: bits, bytes, words, cuts, repeats, pieces of others, hostile pieces.

    ``tokens`` are further pieces that mean something to the reader. ``text`` changes words rather than bits.
    """
    data = bytearray(draw(st.sampled_from(seeds)))
    pieces = (*NASTY, *tokens, *tokens) if text else (*_WORDS, *tokens, *NASTY)
    kinds = _TEXT_EDITS if text else _BYTE_EDITS
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 2, 3, 5, 8)))):
        draw(st.sampled_from(kinds))(draw, data, seeds, pieces)
    return bytes(data[:_LARGEST])


Edit = Callable[[DrawFn, bytearray, Sequence[bytes], Sequence[bytes]], None]


def _flip(draw: DrawFn, data: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    if data:
        data[draw(st.integers(0, len(data) - 1))] ^= draw(st.sampled_from(_BITS))


def _byte(draw: DrawFn, data: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    if data:
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))


def _word(draw: DrawFn, data: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    at, word = draw(st.integers(0, len(data))), draw(st.sampled_from(_WORDS))
    data[at : at + len(word)] = word


def _cut(draw: DrawFn, data: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    at = draw(st.integers(0, len(data)))
    del data[at : draw(st.sampled_from((at + 1, at + 7, at + 64, at + 1000, len(data))))]


def _repeat(draw: DrawFn, data: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    at = draw(st.integers(0, len(data)))
    piece = bytes(data[at : at + draw(st.integers(1, 64))])
    data[at:at] = piece * draw(st.sampled_from((1, 2, 16, 256)))


def _splice(draw: DrawFn, data: bytearray, seeds: Sequence[bytes], _: Sequence[bytes]) -> None:
    at, other = draw(st.integers(0, len(data))), draw(st.sampled_from(seeds))
    start = draw(st.integers(0, len(other)))
    data[at : at + draw(st.integers(0, 64))] = other[start : start + draw(st.integers(1, 256))]


def _insert(draw: DrawFn, data: bytearray, _: Sequence[bytes], pieces: Sequence[bytes]) -> None:
    at = draw(st.integers(0, len(data)))
    data[at : at + draw(st.sampled_from((0, 0, 1, 4, 16)))] = draw(st.sampled_from(pieces))


def _field(draw: DrawFn, data: bytearray, seeds: Sequence[bytes], pieces: Sequence[bytes]) -> None:
    """Another word in the place of one."""
    fields = [found.span() for found in _FIELD.finditer(data)]
    if fields:
        start, stop = draw(st.sampled_from(fields))
        others = _FIELD.findall(draw(st.sampled_from(seeds)))
        data[start:stop] = draw(st.sampled_from(pieces if draw(st.booleans()) or not others else others))


_BYTE_EDITS: tuple[Edit, ...] = (_flip, _flip, _flip, _byte, _byte, _word, _cut, _repeat, _splice, _insert)
_TEXT_EDITS: tuple[Edit, ...] = (_field, _field, _field, _field, _insert, _insert, _flip, _cut, _repeat, _splice)


def drawn(strategy: SearchStrategy[Any], count: int, number: int, use: Callable[[Any], None]) -> int:
    """Give ``count`` examples to ``use``; how many there were (fewer where there are no more different ones)."""
    used = 0

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(example: Any) -> None:
        nonlocal used
        used += 1
        use(example)

    each()
    return used
