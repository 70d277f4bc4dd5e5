"""Whether a tile's size is known: without it nobody can read millimetres from the picture."""

from __future__ import annotations

from skintui.steps.evaluation.cohort import Part


def count_without_scale(part: Part) -> tuple[int, str]:
    """Lesions whose table says that they are no 15 mm tile of total body photography, and what it says of the first.

    ``tbp_tile_type`` is ``3D: XP`` or ``3D: white`` of such a tile and ``image_type`` is ``TBP tile: close-up``; where
    neither is filled in, nothing is known against the tile.
    """
    kinds, types = (part.texts(column) or [None] * part.rows.size for column in ("tbp_tile_type", "image_type"))
    other = [kind or type_ or "" for kind, type_ in zip(kinds, types, strict=True) if not _is_tile(kind, type_)]
    return len(other), other[0] if other else ""


def _is_tile(kind: str | None, type_: str | None) -> bool:
    if kind is not None:
        return kind.lower().startswith("3d:")
    return type_ is None or type_.lower().startswith("tbp tile")
