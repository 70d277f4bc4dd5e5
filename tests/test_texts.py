from __future__ import annotations

import pytest

from skintui.texts import parsed_json


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff", '{"a": ' * 100_000])
def test_every_refusal_of_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever it says
        parsed_json(text)


def test_json_is_read_from_text_and_bytes() -> None:
    assert parsed_json('{"a": [1, null]}') == parsed_json(b'{"a": [1, null]}') == {"a": [1, None]}
