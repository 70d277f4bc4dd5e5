"""``skintui export``: what was flagged and decided, as CSV, patch, audit card and Croissant sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skintui.cli.options import Call, split_words, verb
from skintui.errors import UsageError

if TYPE_CHECKING:
    from skintui.progress import Progress
    from skintui.steps.chosen import Wanted
    from skintui.steps.place import Place


@click.command()
@verb(dataset=False)
@click.argument("words", nargs=-1, metavar="[DATASET] OUT.csv")
@click.option(
    "--rows", metavar="KINDS", help="flagged, reviewed, flagged,reviewed or all. [flagged,reviewed; with --view: all]"
)
@click.option("--attribute", "names", metavar="A,B", help="Only these attributes.")
@click.option("--reviewer", "person", metavar="NAME", help="Only what NAME decided.")
@click.option("--verdict", metavar="V", help="Only what was given this verdict.")
@click.option(
    "--filter", "filters", multiple=True, metavar="EXPR",
    help="Only lesions that match, as in the application: \"sex = 'male' AND areaMM2 > 20\". May be repeated.",
)  # fmt: skip
@click.option("--view", metavar="NAME", help="Only what this saved view lists, in its order.")
@click.option("--wide", is_flag=True, help="One row per lesion, a block of columns per attribute.")
@click.option("--patch", is_flag=True, help="Corrections as isic_id,column,old,new for 'skintui apply'.")
@click.option("--card", metavar="CARD.md", help="Also write the audit card; with DATASET alone, only the card.")
@click.option("--croissant", metavar="OUT.json", help="Also describe OUT.csv for machines, with its provenance.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def export(
    call: Call,
    words: tuple[str, ...],
    *,
    rows: str | None,
    names: str | None,
    person: str | None,
    verdict: str | None,
    filters: tuple[str, ...],
    view: str | None,
    wide: bool,
    patch: bool,
    card: str | None,
    croissant: str | None,
    force: bool,
) -> None:
    """Write the flagged and reviewed annotations of DATASET to OUT.csv ('-' for stdout).

    A row is one annotation and reviewer; every option narrows the rows, and how many were left of how many is told.

    --filter: knows the columns of the metadata, the attributes, and flagged, suspicion, verdict, label, predicted and
    difference; the last three are those of the first --attribute.

    --wide: verdicts on one annotation are joined, 'disagree' where reviewers differ.

    --patch: the values proposed by standing 'label_wrong' verdicts, as changes of the metadata's cells. Where reviewers
    differ or the label has changed since, nothing is written and the annotation is listed on stderr.

    --card: Markdown that says what was audited with which model, who decided what, how precise the flags are, and
    whether one may stop; it is always of the whole workspace.
    """
    dataset, out = _places(words, card)
    _check(out, croissant, rows=rows, verdict=verdict, wide=wide, patch=patch)
    settings = call.settings()
    place = call.place(settings, dataset)
    _check_targets(out, card, croissant, force)
    with call.reporting() as progress:
        wanted = _wanted(place, settings.reviewer, rows, names, person, verdict, filters, view)
        if out is not None:
            for line in _write(place, out, progress, wanted, wide=wide, patch=patch, force=force):
                click.echo(line, err=True)
        if card is not None:
            from skintui.steps.card import write_card

            write_card(place, card, progress, force=force)
            click.echo(f"audit card written to {_shown(card)}", err=True)
        if croissant is not None:
            from skintui.steps.croissant import describe_export

            describe_export(place, str(out), croissant, progress, wanted, force=force)
            click.echo(f"description written to {_shown(croissant)}", err=True)


def _places(words: tuple[str, ...], card: str | None) -> tuple[str | None, str | None]:
    """Data set and CSV; with a card, a folder alone is the data set and no CSV is wanted."""
    from pathlib import Path

    if card is not None and len(words) < 2:
        alone = not words or Path(words[0]).expanduser().is_dir()
        return (words[0] if words else None, None) if alone else (None, words[0])
    dataset, out = split_words(words, ["OUT.csv"])
    return dataset, out


def _check(
    out: str | None, croissant: str | None, *, rows: str | None, verdict: str | None, wide: bool, patch: bool
) -> None:
    """Refuse options that contradict each other."""
    if patch and (wide or rows or verdict):
        other = "--wide" if wide else "--rows" if rows else "--verdict"
        raise UsageError(f"--patch and {other} exclude each other", do="a patch has rows and columns of its own")
    if croissant is not None and out in (None, "-"):
        raise UsageError("--croissant describes a file", do="name OUT.csv")


def _check_targets(out: str | None, card: str | None, croissant: str | None, force: bool) -> None:
    """Every file that cannot be written is told before one is."""
    from pathlib import Path

    from skintui.files import check_target

    given = [str(Path(each).expanduser()) for each in (out, card, croissant) if each is not None]
    if len(set(given)) < len(given):
        raise UsageError("two results cannot go to the same place", do="name different files")
    for each in given:
        check_target(each, force=force)


def _wanted(
    place: Place,
    reviewer: str,
    rows: str | None,
    names: str | None,
    person: str | None,
    verdict: str | None,
    filters: tuple[str, ...],
    view: str | None,
) -> Wanted:
    from skintui.attributes import ATTRIBUTES, attributes
    from skintui.steps.chosen import BOTH, Wanted

    chosen = attributes(names) if names else ()
    only, in_order = None, False
    if view or filters:
        from skintui.session.listed import listed_by

        first = ATTRIBUTES.index(chosen[0]) if chosen else 0
        only, in_order = listed_by(place, reviewer, view=view or "", filters=filters, attribute=first)
    return Wanted(
        rows=rows or ("all" if view else BOTH),
        attributes=tuple(a.name for a in chosen),
        reviewer=person or "",
        verdict=verdict or "",
        only=only,
        in_order=in_order,
    )


def _write(
    place: Place, out: str, progress: Progress, wanted: Wanted, *, wide: bool, patch: bool, force: bool
) -> list[str]:
    """Write the CSV; what there is to say of it."""
    if patch:
        from skintui.steps.patch import patch as write_patch

        patched = write_patch(place, out, progress, wanted, force=force)
        return [*patched.lines(), patched.summary()]
    from skintui.steps.export import export as write_rows

    return [write_rows(place, out, progress, wanted, wide=wide, force=force).summary()]


def _shown(target: str) -> str:
    return "standard output" if target == "-" else target
