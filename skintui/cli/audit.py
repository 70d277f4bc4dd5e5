"""``skintui audit``: suspicious annotations, most suspicious first."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb

FOR_PEOPLE = ("rank", "isic_id", "attribute", "label", "predicted", "spread", "score", "q_value", "flagged", "reason")
"""Columns of the table; JSON and CSV have all of them."""


@click.command()
@verb(results=True)
@click.option("--fdr", type=float, metavar="Q", help="False-discovery rate at which annotations are flagged. [0.1]")
@click.option("--top", type=click.IntRange(0), metavar="N", help="At most N rows (tables: 20 unless given).")
@click.option("--neighbours", "count", default=30, show_default=True, type=click.IntRange(0), help="Compared; 0: none.")
def audit(call: Call, top: int | None, count: int) -> None:
    """Rank the annotations of DATASET by how far they stand from what the model reads."""
    from skintui.steps.audit import COLUMNS, audit

    settings = call.settings()
    place = call.place(settings)
    with call.reporting() as progress:
        audited = audit(place, progress, fdr=settings.fdr, k=count)
    shown = 20 if top is None and call.form == "table" else top
    call.write(audited.rows(shown), FOR_PEOPLE if call.form == "table" else COLUMNS)
    click.echo(audited.summary(), err=True)
