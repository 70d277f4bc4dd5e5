"""What keeps a filter expression from running without end, looked at before the SQL parser sees it.

The parser tries two ways on each level past its fifty and never comes back; ``BETWEEN`` within ``BETWEEN`` doubles what
is computed; joined texts, counted repetitions within each other and a pattern per row fill memory or time. A filter
that a person types has none of these.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from skintui.errors import FilterError
from skintui.texts import printable

LONGEST = 2000
"""Characters of an expression: more is not typed by a person."""
DEEPEST = 10
"""Levels of brackets and of CASE within each other, and signs and NOTs in a row."""
SUMMANDS = 16
"""Plus signs: they also join texts."""
REPEATS = 256
"""Counted repetitions of a pattern, multiplied."""

EXAMPLE = "areaMM2 > 20 AND sex = 'male'"

FUNCTIONS = (
    "abs", "avg", "ceil", "ceiling", "char_length", "coalesce", "count", "ends_with", "exp", "first", "floor",
    "greatest", "if", "ifnull", "last", "least", "left", "length", "ln", "log", "log10", "log2", "lower", "ltrim",
    "max", "mean", "median", "min", "mod", "nullif", "pow", "power", "quantile_cont", "quantile_disc", "regexp_like",
    "right", "round", "rtrim", "sign", "sqrt", "starts_with", "stddev", "strpos", "substr", "sum", "trim", "upper",
    "variance",
)  # fmt: skip
"""Functions that take no more than a few passes over the rows and give no more text than they are given."""

_WORDS = ("and", "or", "not", "in", "between", "is", "like", "ilike", "regexp", "rlike", "escape", "from", "distinct",
          "case", "when", "then", "else", "cast", "try_cast", "over", "by", "any", "all", "some", "varchar", "char",
          "decimal", "numeric", "float", "exists")  # fmt: skip
"""Words of the language that a bracket may follow."""

_TOKENS = re.compile(
    r"""(?P<text>'(?:[^']|'')*')
      | (?P<space>--[^\n]* | /\*.*?\*/ | \s+)
      | (?P<name>[^\W\d]\w*|"(?:[^"]|"")*"|`[^`]*`)         # perhaps of a function
      | (?P<sign>\|\||!?~~?\*?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COUNTED = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_SIGNS = frozenset("+-@^|&*/%<>=!")
_MATCHING = ("like", "ilike", "regexp", "rlike")


@dataclass(slots=True)
class _Level:
    """One pair of brackets."""

    function: str = ""
    commas: int = 0
    between: int = 0
    """0 outside of a BETWEEN, 1 before its AND, 2 behind it."""


def refuse_unbounded(expression: str, shown: str) -> None:
    """Raise FilterError for a function that is not known to be harmless and for whatever has no bounds."""
    if len(expression) > LONGEST:
        raise FilterError(f"longer than {LONGEST:,} characters", where=shown, do="write a shorter one")
    if any("\ud800" <= char <= "\udfff" for char in expression):
        raise FilterError("it holds characters that are no text", where=shown, do=f"write e.g. {EXAMPLE}")
    _Walk(shown).along(expression)


class _Walk:
    """Goes along the words of one expression."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._levels = [_Level()]
        self._cases = self._row = self._plus = 0
        self._before = ""
        """The name, sign or ``'`` (a text) before."""
        self._named = False

    def along(self, expression: str) -> None:
        end = 0
        for kind, token, start in _tokens(expression):
            if kind == "text" and self._named and start == end:  # E'\'' ends elsewhere for the parser than for us
                self._refuse("a text stands behind a word without a space", f"write e.g. {EXAMPLE}")
            word = token.casefold()
            self._check_pattern(kind, token)
            self._count(kind, word)
            if kind == "name":
                self._keyword(word)
            elif kind == "sign":
                self._sign(word)
            self._before, self._named, end = word, kind == "name", start + len(token)

    def _refuse(self, what: str, do: str) -> None:
        raise FilterError(what, where=self._shown, do=do)

    def _check_pattern(self, kind: str, token: str) -> None:
        """A pattern must be a text, the same for all rows, and its repetitions few."""
        level = self._levels[-1]
        wanted = self._before in _MATCHING or self._before.startswith(("~", "!~"))
        if not wanted and not (level.function == "regexp_like" and level.commas == 1 and self._before == ","):
            return
        if kind != "text":
            self._refuse("a pattern must be a text in quotes", "write e.g. isic_id LIKE 'ISIC_00%'")
        counts = [max((int(n) for n in found if n), default=1) for found in _COUNTED.findall(token)]
        if math.prod(max(count, 1) for count in counts) > REPEATS:
            self._refuse(f"the pattern repeats more than {REPEATS} times", "write * or + in place of large counts")

    def _count(self, kind: str, word: str) -> None:
        self._row = self._row + 1 if word == "not" or (kind == "sign" and (word in _SIGNS or "~" in word)) else 0
        self._plus += kind == "sign" and word == "+"
        if self._row > DEEPEST // 2:
            self._refuse(f"{self._row} signs in a row", "write a simpler one")
        if self._plus > SUMMANDS:
            self._refuse(f"more than {SUMMANDS} plus signs", "write a simpler one")

    def _keyword(self, word: str) -> None:
        level = self._levels[-1]
        if word == "select":
            self._refuse("subqueries are not allowed", f"write e.g. {EXAMPLE}")
        elif word == "case":
            self._cases += 1
            self._check_depth()
        elif word == "end":
            self._cases -= 1
        elif word == "between":
            if level.between:
                self._refuse("BETWEEN within BETWEEN", "put AND or OR between them")
            level.between = 1
        elif word == "and":
            level.between = 2 if level.between == 1 else 0
        elif word == "or":
            level.between = 0

    def _sign(self, sign: str) -> None:
        if sign in ("(", "[", "{"):
            name = self._before.strip('"`') if self._named else ""
            if sign == "(" and name and name not in FUNCTIONS and name not in _WORDS:
                what = f"the function '{printable(name, 40)}' is not available in a filter"
                self._refuse(what, "e.g. abs, round, sqrt, lower, length, starts_with, avg, max are")
            self._levels.append(_Level(name))
            self._check_depth()
        elif sign in (")", "]", "}"):
            if len(self._levels) > 1:
                self._levels.pop()
        elif sign == ",":
            self._levels[-1].commas += 1
            self._levels[-1].between = 0
        elif sign in ("||", "$"):
            self._refuse(f"'{sign}' is not available in a filter", "compare the columns singly")

    def _check_depth(self) -> None:
        if len(self._levels) - 1 + max(self._cases, 0) > DEEPEST:
            self._refuse(f"nested more than {DEEPEST} deep", "write a simpler one")


def _tokens(expression: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place of everything but space and comments."""
    for found in _TOKENS.finditer(expression):
        if found.lastgroup != "space":
            yield found.lastgroup or "", found[0], found.start()
