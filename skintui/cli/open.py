"""``skintui [DATASET]``: the terminal application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skintui.cli.options import Call, verb

if TYPE_CHECKING:
    from skintui.settings import Settings
    from skintui.steps.place import Place
    from skintui.steps.weights import Weights


@click.command(hidden=True)
@verb(weights=True)
@click.option("--image", metavar="MODE", help="How tiles are drawn: auto, kitty, sixel, half or none.")
@click.option("--theme", metavar="NAME", help="Colour theme.")
@click.option("--reviewer", metavar="NAME", help="Name written beside each verdict.")
def open(call: Call) -> int:
    """Open the terminal application on DATASET (the bundled demo by default)."""
    from pathlib import Path

    settings = call.settings()
    place = call.place(settings)
    weights = _weights(call, settings, place)
    from skintui.tui.run import run

    return run(
        place.files.root,
        metadata=Path(call.metadata) if call.metadata else None,
        images=Path(call.images) if call.images else None,
        workspace=place.workspace,
        settings=settings,
        base=weights.base if weights else None,
        adapter=str(weights.adapter) if weights and weights.adapter else None,
    )


def _weights(call: Call, settings: Settings, place: Place) -> Weights | None:
    """The model for lesions without prediction; without one that anybody named, the application opens all the same."""
    from skintui.errors import ModelError

    try:
        return call.weights(settings, place)
    except ModelError:
        if call.base or call.adapter or settings.base or settings.adapter:
            raise
        return None
