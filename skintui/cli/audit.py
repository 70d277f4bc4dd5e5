"""``skintui audit``: suspicious annotations, most suspicious first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skintui.cli.options import Call, verb
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.audit.findings import Findings
    from skintui.steps.place import Place

FOR_PEOPLE = ("rank", "isic_id", "attribute", "label", "predicted", "spread", "score", "q_value", "flagged", "reason")
"""Columns of the table; JSON and CSV have all of them."""
FEW = 20
"""Rows of a table unless told otherwise."""


@click.command()
@verb(results=True)
@click.option("--fdr", type=float, metavar="Q", help="False-discovery rate at which annotations are flagged. [0.1]")
@click.option("--top", type=click.IntRange(0), metavar="N", help="At most N rows (tables: 20 unless given).")
@click.option("--neighbours", "count", default=30, show_default=True, type=click.IntRange(0), help="Compared; 0: none.")
@click.option("--clusters", is_flag=True, help="List patients, sources, sites and tile types where flags gather.")
@click.option(
    "--systematic", is_flag=True, help="List errors of whole groups: units, signs, exchanged columns, offsets."
)
def audit(call: Call, top: int | None, count: int, clusters: bool, systematic: bool) -> None:
    """Rank the annotations of DATASET by how far they stand from what the model reads."""
    from skintui.steps.audit import COLUMNS, audit

    if clusters and systematic:
        raise click.UsageError("give one of --clusters and --systematic")
    settings = call.settings()
    place = call.place(settings)
    with call.reporting() as progress:
        audited = audit(place, progress, fdr=settings.fdr, k=count)
    if clusters:
        _list_clusters(call, place, audited.findings, top)
        return
    if systematic:
        _list_systematic(call, place, audited.findings, top)
        return
    shown = FEW if top is None and call.form == "table" else top
    call.write(audited.rows(shown), FOR_PEOPLE if call.form == "table" else COLUMNS)
    click.echo(audited.summary(), err=True)
    _mention_systematic(place, audited.findings)


def _list_clusters(call: Call, place: Place, findings: Findings, top: int | None) -> None:
    from skintui.steps.clusters import COLUMNS, clusters_of

    found = clusters_of(place.lesions(), findings)
    if call.form == "table":
        for_people = (
            {**row, "attribute": row["attribute"] or "(all)"} for row in found.rows(FEW if top is None else top)
        )
        call.write(for_people, COLUMNS)
    else:
        call.write(found.rows(top), COLUMNS)
    click.echo(found.summary(), err=True)


def _list_systematic(call: Call, place: Place, findings: Findings, top: int | None) -> None:
    from skintui.steps.systematic import COLUMNS, systematic_of

    found = systematic_of(place.lesions(), findings)
    if call.form == "table":  # sentences do not fit into columns
        for error in found.errors[:top]:
            click.echo(f"{printable(error.sentence)} (q {error.q_value:.2g})")
    else:
        call.write(found.rows(top), COLUMNS)
    click.echo(found.summary() + _caution(findings), err=True)


def _mention_systematic(place: Place, findings: Findings) -> None:
    """One more line where whole groups are wrong: rows one by one do not show it."""
    from skintui.nouns import counted
    from skintui.steps.systematic import systematic_of

    found = systematic_of(place.lesions(), findings)
    if found.errors:
        first = found.errors[0].headline
        more = f" and {len(found.errors) - 1} more" if len(found.errors) > 1 else ""
        count = counted(len(found.errors), "systematic error")
        click.echo(f"{count}: {printable(first, 120)}{more}; see --systematic", err=True)


def _caution(findings: Findings) -> str:
    """A model that has learnt an error agrees with it."""
    if findings.predictions_kind == "in-sample":
        return "; the model has trained on these labels, an error it has learnt is not found"
    return ""
