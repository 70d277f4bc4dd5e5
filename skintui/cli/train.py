"""``skintui train``: LoRA fine-tuning."""

from __future__ import annotations

from typing import Any

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(weights="base")
@click.option("--out", required=True, metavar="DIR", help="Adapter folder to write (fold adapters inside it).")
@click.option(
    "--attributes-per-image", default=5, show_default=True, type=click.IntRange(1, 16), help="Questions per tile."
)
@click.option("--rank", metavar="N", type=click.IntRange(1), help="LoRA rank. [8, or the adapter's to start from]")
@click.option("--alpha", metavar="N", type=click.IntRange(1), help="LoRA alpha. [16, or likewise]")
@click.option("--epochs", default=1, show_default=True, type=click.IntRange(1), help="Passes over the tiles.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Stop after N steps instead.")
@click.option("--batch-size", default=16, show_default=True, type=click.IntRange(1), help="Tiles per step.")
@click.option("--micro-batch-size", type=click.IntRange(1), metavar="N", help="Tiles per pass, where memory is short.")
@click.option("--learning-rate", default=1e-4, show_default=True, type=float, help="Peak of the cosine schedule.")
@click.option("--seed", default=0, show_default=True, type=int, help="Of the split, the order and the questions.")
@click.option(
    "--folds", default=0, show_default=True, metavar="K", type=click.IntRange(0), help="Also K fold adapters."
)
@click.option("--mix", multiple=True, metavar="DATASET", help="Also learn from the training patients of this data set.")
@click.option("--share", type=click.FloatRange(0, 1, True, True), metavar="F", help="DATASET's share of a mix.")
@click.option("--init-adapter", metavar="DIR", help="Adapter to start from, or 'bundled'.")
@click.option("--turns", is_flag=True, help="Show tiles turned and mirrored, anew each time.")
@click.option(
    "--label-noise", default=0.0, show_default=True, type=float, metavar="F", help="Share of labels taken to be wrong."
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N training tiles.")
@click.option("--tile-px", type=click.IntRange(8), metavar="N", help="Side to which tiles are resized.")
@click.option("--threads", metavar="N", type=click.IntRange(1), help="CPU threads.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1), help="CPU: share each batch.")
@click.option("--gradient-checkpointing", is_flag=True, help="Trade time for memory.")
@click.option("--bf16-autocast", is_flag=True, help="Compute in bfloat16 on a CPU that can.")
@click.option("--compile", is_flag=True, help="With it: compile first, a minute for half as much speed again.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --out.")
def train(call: Call, out: str, resume: bool, mix: tuple[str, ...], **recipe: Any) -> None:
    """Fine-tune LoRA adapters on DATASET's attribute labels, by the paper's recipe.

    Writes a PEFT adapter folder, metrics.jsonl and the patient split. Patients are split 77/23 into train and test.
    Mixed data sets keep their scan in their own workspaces.
    """
    from pathlib import Path

    from skintui.steps.place import open_place
    from skintui.steps.train import recipe_of, train

    settings = call.settings()
    weights = call.base_weights(settings)
    place = call.place(settings)
    mixed = [open_place(folder) for folder in mix]
    with call.reporting() as progress:
        out_folder = Path(out).expanduser()
        trained = train(place, weights, out_folder, recipe_of(recipe), progress, mixed=mixed, resume=resume)
    click.echo(trained.summary(), err=True)
