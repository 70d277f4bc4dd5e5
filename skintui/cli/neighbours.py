"""``skintui neighbours``: the nearest lesions."""

from __future__ import annotations

import click

from skintui.cli.options import Call, split_words, verb


@click.command()
@verb(dataset=False, weights=True, results=True)
@click.argument("words", nargs=-1, metavar="[DATASET] ISIC_ID")
@click.option("--attribute", "names", metavar="A[,B]", help="Attribute to compare by; two or more for joint.")
@click.option(
    "--mode",
    type=click.Choice(("attribute", "image", "hierarchical", "joint")),
    default="attribute",
    show_default=True,
    help="Which vectors are compared.",
)
@click.option("-k", "count", default=5, show_default=True, type=click.IntRange(1), help="How many lesions.")
@click.option("--image", "tile", metavar="FILE", help="A tile from outside the data set, in place of ISIC_ID.")
@click.option("--exclude-patient", is_flag=True, help="Leave out lesions of the query's own patient.")
def neighbours(
    call: Call,
    words: tuple[str, ...],
    names: str | None,
    mode: str,
    count: int,
    tile: str | None,
    exclude_patient: bool,
) -> None:
    """Find the lesions of DATASET nearest to one lesion, by cosine similarity.

    attribute: by the image and one question. image: by the image alone. hierarchical: the 200 nearest images, ranked
    by the question's vectors. joint: likewise, with one prompt that asks for several attributes at once.
    """
    from pathlib import Path

    from skintui.attributes import attributes
    from skintui.errors import UsageError
    from skintui.steps.neighbours import Query, neighbours

    if tile is not None:
        if len(words) > 1:
            raise UsageError("give either ISIC_ID or --image, not both")
        dataset, isic_id = (words[0] if words else None), None
    else:
        dataset, isic_id = split_words(words, ["ISIC_ID"])
    settings = call.settings()
    query = Query(
        isic_id=isic_id,
        image=Path(tile).expanduser() if tile is not None else None,
        attributes=attributes(names) if names is not None else (),
        mode=mode,
        k=count,
        exclude_patient=exclude_patient,
    )
    place = call.place(settings, dataset)
    with call.reporting() as progress:
        found = neighbours(place, query, call.weights(settings, place), progress)
    call.write(found.rows(), found.columns)
