"""``skintui export``: flagged and reviewed annotations as CSV."""

from __future__ import annotations

import click

from skintui.cli.options import Call, split_words, verb


@click.command()
@verb(dataset=False)
@click.argument("words", nargs=-1, metavar="[DATASET] OUT.csv")
@click.option("--force", is_flag=True, help="Replace OUT.csv where it exists.")
def export(call: Call, words: tuple[str, ...], force: bool) -> None:
    """Write the flagged and reviewed annotations of DATASET to OUT.csv ('-' for stdout)."""
    from skintui.steps.export import export

    dataset, out = split_words(words, ["OUT.csv"])
    place = call.place(dataset=dataset)
    with call.reporting() as progress:
        exported = export(place, str(out), progress, force=force)
    click.echo(exported.summary(), err=True)
