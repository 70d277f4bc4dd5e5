"""``skintui [DATASET]``: the terminal application."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from skintui.cli.options import Call, verb

if TYPE_CHECKING:
    from skintui.settings import Settings
    from skintui.steps.place import Place
    from skintui.steps.weights import Weights

_RETURN_MEMORY = ("_RJEM_MALLOC_CONF", "background_thread:true,dirty_decay_ms:200,muzzy_decay_ms:0")
"""Asks polars' allocator to give freed memory back to the system: of a full data set it would keep 150 MB."""


@click.command(hidden=True)
@verb(weights=True)
@click.option("--image", metavar="MODE", help="How tiles are drawn: auto, kitty, sixel, half or none.")
@click.option("--theme", metavar="NAME", help="Colour theme.")
@click.option("--reviewer", metavar="NAME", help="Name written beside each verdict.")
@click.option("--serve", is_flag=True, help="Open it in a web page instead; the address is printed.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --serve: the address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="With --serve: the port; 0 takes a free one.")
def open(call: Call, serve: bool, host: str, port: int) -> int:
    """Open the terminal application on DATASET (the bundled demo by default)."""
    import os
    from pathlib import Path

    os.environ.setdefault(*_RETURN_MEMORY)  # read when polars is loaded
    settings = call.settings()
    place = call.place(settings)
    weights = _weights(call, settings, place)
    if serve:
        return _serve(call, settings, place, host, port)
    from skintui.tui.run import run

    return run(
        place.files.root,
        metadata=Path(call.metadata) if call.metadata else None,
        images=Path(call.images) if call.images else None,
        workspace=place.workspace,
        settings=replace(settings, quantize=weights.quantize) if weights else settings,
        base=weights.base if weights else None,
        adapter=str(weights.adapter) if weights and weights.adapter else None,
    )


def _serve(call: Call, settings: Settings, place: Place, host: str, port: int) -> int:
    """Serve the same call until Ctrl-C: the address to stdout, how to end to stderr."""
    from skintui.tui.serving import serve

    given = {
        "workspace": str(place.workspace.root), "metadata": call.metadata, "images": call.images, "base": call.base,
        "adapter": call.adapter, "device": settings.device, "dtype": settings.dtype, "quantize": settings.quantize,
        "theme": settings.theme, "reviewer": settings.reviewer, "image": "none" if settings.image == "none" else "half",
    }  # fmt: skip
    options = [f"--{name}={value}" for name, value in given.items() if value]

    def tell(address: str) -> None:
        click.echo(address)
        click.echo("open this address in a browser; Ctrl-C ends", err=True)

    return serve([str(place.files.root), *options], title=place.files.root.name, host=host, port=port, tell=tell)


def _weights(call: Call, settings: Settings, place: Place) -> Weights | None:
    """The model for lesions without prediction; without one that anybody named, the application opens all the same."""
    from skintui.errors import ModelError

    try:
        return call.weights(settings, place)
    except ModelError:
        if call.base or call.adapter or settings.base or settings.adapter:
            raise
        return None
