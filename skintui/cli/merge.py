"""``skintui merge``: two reviewers' workspaces joined."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@verb(dataset=False, results=True)
def merge(call: Call, first: str, second: str) -> None:
    """Add the verdicts of workspace B to workspace A, and list where reviewers disagree.

    A and B are workspace folders or their review.sqlite. B is only read. Agreement beyond chance is Cohen's kappa.
    """
    from pathlib import Path

    from skintui.steps.exchange import DISAGREEMENT_COLUMNS, merge_records

    merged = merge_records(Path(first), Path(second))
    for line in merged.summary():
        click.echo(line, err=True)
    call.write(merged.rows(), DISAGREEMENT_COLUMNS)
