"""``skintui describe``: what the model reads off tiles, in checked paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from skintui.cli.options import Call, verb
from skintui.errors import UsageError


@click.command()
@verb(dataset=False, results=True)
@click.argument("words", nargs=-1, metavar="[DATASET] ISIC_ID…")
def describe(call: Call, words: tuple[str, ...]) -> None:
    """Say what the model reads off tiles of DATASET, a paragraph each.

    Values, ranks in the cohort and the nearest lesions, every number checked against the prediction it came from. No
    diagnosis is claimed.
    """
    from skintui.steps.describe import COLUMNS, describe
    from skintui.texts import printable

    dataset, isic_ids = data_set_and_ids(words)
    place = call.place(dataset=dataset)
    with call.reporting() as progress:
        found = list(describe(place, isic_ids, progress))
    if call.form == "table":
        click.echo("\n\n".join(printable(description.sentence) for description in found))
    else:
        more = ("cohort", "unsure", "readings") if call.form == "json" else ()
        call.write((description.row() for description in found), (*COLUMNS, *more))


def data_set_and_ids(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The first of several words is the data set, unless it looks like an id and is no folder; None for the demo.

    Ids may be any text, blanks included. Raises UsageError where no id is left.
    """
    first, *rest = words or ("",)
    if rest and (Path(first).is_dir() or not first.upper().startswith("ISIC_")):
        return first, rest
    if not first:
        raise UsageError("expected [DATASET] ISIC_ID…")
    return None, list(words)
