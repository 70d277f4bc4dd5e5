"""``skintui describe``: what the model reads off one tile, in a checked sentence."""

from __future__ import annotations

import click

from skintui.cli.options import Call, split_words, verb


@click.command()
@verb(dataset=False, results=True)
@click.argument("words", nargs=-1, metavar="[DATASET] ISIC_ID")
def describe(call: Call, words: tuple[str, ...]) -> None:
    """Say what the model reads off one tile of DATASET.

    Values, ranks in the cohort and the nearest lesions, every number checked against the prediction it came from. No
    diagnosis is claimed.
    """
    from skintui.steps.describe import COLUMNS, describe

    dataset, isic_id = split_words(words, ["ISIC_ID"])
    place = call.place(dataset=dataset)
    with call.reporting() as progress:
        description = describe(place, str(isic_id), progress)
    if call.form == "table":
        click.echo(description.sentence)
    else:
        call.write(description.rows(), COLUMNS)
