from __future__ import annotations

from pathlib import Path

import pytest

from skintui.dataset.csvfile import read_csv_text
from skintui.errors import DatasetError


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "t-metadata.csv"
    path.write_bytes(content)
    return path


def test_every_column_is_text_and_empty_is_null(tmp_path: Path) -> None:
    frame, short = read_csv_text(written(tmp_path, b"a,b\n1,\n0x,2.50\n"))
    assert frame.to_dict(as_series=False) == {"a": ["1", "0x"], "b": [None, "2.50"]}
    assert short == []


def test_a_byte_order_mark_and_crlf_are_no_part_of_the_values(tmp_path: Path) -> None:
    frame, _ = read_csv_text(written(tmp_path, b"\xef\xbb\xbfa, b\r\n1,2\r\n"))
    assert frame.rows(named=True) == [{"a": "1", "b": "2"}]


def test_a_last_line_without_end_counts(tmp_path: Path) -> None:
    frame, short = read_csv_text(written(tmp_path, b"a,b\n1,2\n3,4"))
    assert (frame.height, short) == (2, [])


def test_quoted_commas_are_no_torn_quotes(tmp_path: Path) -> None:
    frame, _ = read_csv_text(written(tmp_path, b'a,b\n"x, ""y""",2\n'))
    assert frame.row(0) == ('x, "y"', "2")


def test_a_row_that_ends_early_is_named(tmp_path: Path) -> None:
    frame, short = read_csv_text(written(tmp_path, b'a,b,c\n1,2,\n3,4\n"5,5",6\n7,8,9\n'))
    assert frame.height == 4
    assert short == [1, 2]


@pytest.mark.parametrize("value", [b"1\r2", b"x" * 140_000])
def test_no_value_is_too_strange_or_long_to_count_the_fields_beside_it(tmp_path: Path, value: bytes) -> None:
    frame, short = read_csv_text(written(tmp_path, b"a,b,c\n" + value + b',"q",\n3,"' + value + b'"\n'))
    assert frame["a"].to_list() == [value.decode(), "3"]
    assert short == [1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the CSV is empty"),
        (b"  \n \n", "the CSV is empty"),
        (b"\x89HDF\r\n\x1a\n\0\0\0\0", "not a CSV: it holds binary data"),
        (b"PK\x03\x04\x14\x00\x00\x00", "not a CSV: it holds binary data"),
        (b"%PDF-1.4 words without columns\n", "its first line names one column only"),
        (b"isic_id;patient_id\n1;2\n", "separated by semicolons"),
        (b"isic_id\tpatient_id\n1\t2\n", "separated by tabs"),
        (b"a,b,a\n1,2,3\n", "column 'a' stands twice"),
        (b"a,b\n1,2\n3,\xff\n", "line 3 is not UTF-8"),
        (b"a\xff,b\n1,2\n", "line 1 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "not a CSV"),
        (b'a,b,c\n1,"x,2\n3,y,4\n', "line 2 has a quote that does not close"),
        (b'a,b,c\n0,0,0\n1,"x,2\n3,"y,4\n', "line 3 has a quote that does not close"),
        (b'a,b,c\n1,x"q,2\n3,y,4\n', "line 2 has a quote that does not close"),
        (b'a,b,c\n1,"x\ny",2\n3,y,4\n', "line 2 has a quote that does not close"),
        (b"a,b\r1,2\r3,4\r", "a carriage return without a line feed stands in its first line"),
        (b"a,b\n1,2\n1,2,3\n", "line 3 has 3 values for 2 columns"),
    ],
)
def test_what_is_no_csv_is_said_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        read_csv_text(written(tmp_path, content))
    assert "\n" not in str(caught.value)
    assert "t-metadata.csv" in str(caught.value)


def test_a_header_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        read_csv_text(written(tmp_path, b"a\x1b[2J,b,a\x1b[2J\n1,2,3\n"))
    assert "\x1b" not in str(caught.value)
