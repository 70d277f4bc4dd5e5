"""A data set and a workspace whose every text is hostile, and a clean twin of the same numbers."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from skintui.dataset.schema import SCHEMA
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.session.desk import Desk
from skintui.steps.place import Place, open_place
from tests.made_results import write_results, wrong_mask
from tests.small import small_tile, write_small

LESIONS = 24
PAYLOADS = (
    "\x1b]0;owned\x07",
    "\x1b]52;c;b3duZWQ=\x1b\\",
    "\x1b[2J\x1b[31mred\x1b[c\x1b[6n",
    "\x1bP+q544e\x1b\\\x1b_Ga=q\x1b\\",
    "\x9b2J\x9d0;owned\x9c\x90q\x9c",
    "\u202eevil\u2066x\u2069\u200b\u200f\ufeff",
    "[bold red]x[/] [@click=app.quit]y[/] [link=http://x]z[/]",
    "\r\nsecond\tline\x0b\x0c\u2028\u2029\x85",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "+1-1",
    "@SUM(1)",
    "-2+3",
    "Z" + "\u0301" * 60,
    "<script>alert(1)</script>&amp;\"'",
    "long" * 40,
    "\x08\x08\x7f\x00nul",
    "{{7*7}} ${x} %s %n",
)


def clean(folder: Path) -> Place:
    """Plain texts."""
    return _made(folder, [f"plain{k}" for k in range(len(PAYLOADS))])


def hostile(folder: Path) -> Place:
    """The same numbers, and a payload in every text of data set, verdicts and desk."""
    return _made(folder, list(PAYLOADS))


def _made(folder: Path, texts: list[str]) -> Place:
    source = write_small(folder / "plain", LESIONS)
    frame = pl.read_csv(source / "train-metadata.csv")
    ids = frame.get_column("isic_id").to_list()
    named = [f"{isic_id}{texts[k % len(texts)]}"[:80] for k, isic_id in enumerate(ids)]
    columns = {c.name: c for c in SCHEMA if c.kind == "text" and c.name != "isic_id"}
    changed = [
        pl.Series(
            name, [f"{texts[(k + j) % len(texts)]}{k % 6 if name == 'patient_id' else ''}" for k in range(LESIONS)]
        )
        for j, name in enumerate(columns)
    ]
    frame = frame.with_columns(pl.Series("isic_id", named), *changed)
    frame = frame.with_columns(pl.Series(f"extra{texts[0]}", texts[:1] * LESIONS))
    data = folder / f"lesions{texts[0].replace('/', '')}"
    (data / "images").mkdir(parents=True)
    frame.write_parquet(data / "train-metadata.parquet")
    for row in frame.iter_rows(named=True):
        name = row["isic_id"]
        if "/" not in name and "\0" not in name:
            (data / "images" / f"{name}.jpg").write_bytes(small_tile(row))
    shutil.rmtree(source)
    place = open_place(data, workspace=folder / f"workspace{texts[6].replace('/', '')}")
    write_results(place, wrong=wrong_mask(LESIONS))
    _decide(place, texts)
    return place


def _decide(place: Place, texts: list[str]) -> None:
    with ReviewRecord(place.workspace.review) as record:
        for k, isic_id in enumerate(place.lesions().ids[:20]):
            text = texts[k % len(texts)].replace("\0", "")
            for reviewer in (f"ada {text}"[:60], "bob"):
                wrong = "label_wrong" if reviewer == "bob" or k % 2 else "label_ok"
                value = 9.5 if wrong == "label_wrong" else None
                when = "2026-01-31\x1b09:30:00Z" if texts[0] == PAYLOADS[0] else "2026-01-31T09:30:00Z"
                record.record(
                    Verdict(isic_id, "areaMM2", wrong, reviewer, proposed_value=value, note=text, reviewed_at=when)
                )
    desk = Desk(place.workspace.root / "desk.sqlite")
    for text in texts:
        desk.put(f"view/{text}", {"rules": text})
    rules = {"filters": [{"expression": text} for text in texts]}
    desk.put("view/rules", {"rules": rules, "queue_order": texts[0], "mode": texts[1]})
