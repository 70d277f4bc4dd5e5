"""A filter reads this table and nothing else, and its work has bounds."""

from __future__ import annotations

import polars as pl
import pytest

from skintui.dataset.expression import matches
from skintui.errors import FilterError

FRAME = pl.DataFrame({"isic_id": ["a", "b", "c"], "sex": ["male", "it's", None], "tbp_lv_areaMM2": [1.0, 4.0, 9.0]})

ELSEWHERE = [
    "read_csv('/etc/passwd') = 'x'",
    "read_parquet('https://example.org/x') = 'x'",
    "scan_ipc('x') = 'x'",
    "sex IN (SELECT column_1 FROM read_csv('/etc/passwd'))",
    "EXISTS (SELECT * FROM read_json('x'))",
    "sex = ANY (SELECT 1)",
    "(SELECT 1) = 1",
    "COLUMNS('.*') > 1",
    "getenv('HOME') = 'x'",
    "E'\\'' = read_csv('/etc/passwd') OR 'x' = 'x'",
    "U&'\\0041' = sex",
    "sex = $$x$$",
    "/* /* */ lpad(sex, 4000000000) = 'x' */ TRUE",
    "\"read_csv\"('x') = 'x'",
    "areaMM2 > 1; DROP TABLE self",
]

ENDLESS = [
    "(" * 900 + "areaMM2" + ")" * 900 + " > 1",
    "CAST(" * 60 + "areaMM2" + " AS int)" * 60 + " > 1",
    "CAST(NOT (" * 12 + "areaMM2",
    "CAST(" * 24,
    "SUBSTR(- - - CAST(" * 10,
    "CASE WHEN TRUE THEN " * 60 + "TRUE" + " END" * 60,
    "NOT " * 400 + "TRUE",
    "- " * 900 + "areaMM2 > 1",
    "[" * 900,
    "areaMM2 BETWEEN 1 AND " * 16 + "2",
    "areaMM2 BETWEEN areaMM2 BETWEEN 1 AND 2 AND 3",
    "LENGTH(" + "+".join(["sex"] * 500) + ") > 1",
    "sex || sex = 'x'",
    "RPAD(sex, 2000000000, 'x') = 'x'",
    "REPEAT(sex, 2000000000) = 'x'",
    "sex ~ '(?:a{1,200}b?){30}c'",
    "sex REGEXP '((a{1,100}){1,100}){1,100}'",
    "regexp_like(sex, '(a{1,99}){99}')",
    "regexp_like(sex, sex)",
    "regexp_like(sex, concat(sex, sex))",
    "sex LIKE sex",
    "sex RLIKE lower(sex)",
    "sex !~* sex",
    "areaMM2 IN (" + ",".join(["1"] * 2000) + ")",
]


@pytest.mark.parametrize("expression", [*ELSEWHERE, *ENDLESS, "sex = '\ud800'", "\0", "\x1b[2J", "\u202ea > 1"])
def test_it_is_refused_in_one_printable_line(expression: str) -> None:
    with pytest.raises(FilterError) as caught:
        matches(FRAME, expression)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("areaMM2 BETWEEN 0 AND 2 AND areaMM2 BETWEEN 1 AND 5 OR areaMM2 BETWEEN 8 AND 10", [0, 2]),
        ("(((((areaMM2 + 1) * 2) - 1) / 3) > 2)", [1, 2]),
        ("sex LIKE 'm%' OR sex ILIKE 'IT''_'", [0, 1]),
        ("sex NOT LIKE '%a%'", [1]),
        ("sex ~ '^[a-z]{4}$'", [0]),
        ("regexp_like(lower(sex), '^.{4}$')", [0, 1]),
        ("areaMM2 >= -(-4)", [1, 2]),
        ("NOT (NOT (areaMM2 > 4))", [2]),
        (" OR ".join(f"sex = '{n}'" for n in range(100)), []),
    ],
)
def test_what_a_person_types_still_passes(expression: str, rows: list[int]) -> None:
    assert matches(FRAME, expression).nonzero()[0].tolist() == rows
