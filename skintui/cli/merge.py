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

    A and B are workspace folders or their review.sqlite. B is only read. Doing it again adds nothing; where the same
    reviewer decided differently here and there, what is in A stays and the conflict is listed. Agreement beyond chance
    is told per pair (Cohen's kappa) and attribute, of more than two reviewers also together (Fleiss' kappa), and of
    right values proposed as the intraclass correlation ICC(2,1).
    """
    from pathlib import Path

    from skintui.steps.exchange import DISAGREEMENT_COLUMNS, merge_records

    merged = merge_records(Path(first), Path(second))
    for line in merged.summary():
        click.echo(line, err=True)
    call.write(merged.rows(), DISAGREEMENT_COLUMNS)
