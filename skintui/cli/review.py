"""``skintui review``: a verdict without the application."""

from __future__ import annotations

import click

from skintui.cli.options import Call, split_words, verb


@click.command()
@verb(dataset=False, results=True)
@click.argument("words", nargs=-1, metavar="[DATASET] ISIC_ID")
@click.option("--attribute", "name", required=True, metavar="A", help="Attribute judged.")
@click.option(
    "--verdict",
    required=True,
    metavar="V",
    help="label_wrong, label_ok, both_plausible, unsure or image_unusable.",
)
@click.option("--value", type=float, metavar="X", help="The right value.")
@click.option("--note", default="", metavar="T", help="A note.")
@click.option("--reviewer", metavar="NAME", help="Who decides; default: your login name.")
@click.option("--random-sample", is_flag=True, help="The lesion was drawn at random: its verdict calibrates the audit.")
def review(
    call: Call, words: tuple[str, ...], name: str, verdict: str, value: float | None, note: str, random_sample: bool
) -> None:
    """Record a verdict on one annotation of DATASET. Nothing is ever overwritten; the latest verdict counts."""
    from skintui.attributes import attribute
    from skintui.steps.review import COLUMNS, Decision, review

    dataset, isic_id = split_words(words, ["ISIC_ID"])
    settings = call.settings()
    decision = Decision(str(isic_id), attribute(name), verdict, value, note, settings.reviewer, random_sample)
    recorded = review(call.place(settings, dataset), decision)
    call.write(recorded.rows(), COLUMNS)
