"""What the data set says of a lesion: facts of the metadata and its tile."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING

from skintui.dataset.identities import Rule, rules_that_hold
from skintui.dataset.lesions import Lesions
from skintui.dataset.schema import PATIENT, UNKNOWN_PATIENT
from skintui.errors import SkintuiError, TileError
from skintui.texts import printable

if TYPE_CHECKING:
    from PIL.Image import Image

KEPT_TILES = 256
"""Decoded tiles kept in memory (about 50 kB each)."""


_FACTS = (
    PATIENT, "sex", "age_approx", "anatom_site_general", "iddx_full", "tbp_tile_type", "attribution",
)  # fmt: skip


class Known:
    """Lesions by row of the data set. Safe in several threads."""

    def __init__(self, lesions: Lesions) -> None:
        self._lesions = lesions
        self._tiles: OrderedDict[int, Image] = OrderedDict()

    def facts(self, row: int) -> list[str]:
        """What the metadata says of a lesion, a printable line each, missing values left out."""
        values = self._lesions.table.row(row, _FACTS)

        def told(*columns: str) -> str:
            known = [values.get(column) for column in columns]
            return " · ".join(
                printable(f"{v:g}" if isinstance(v, float) else str(v), 80) for v in known if v is not None
            )

        lines = [
            told(PATIENT) if values.get(PATIENT) != UNKNOWN_PATIENT else "patient unknown",
            told("sex", "age_approx", "anatom_site_general"),
            told("iddx_full"),
            told("tbp_tile_type"),
            told("attribution"),
        ]
        return [line for line in lines if line]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules between columns that this data set obeys."""
        return rules_that_hold(self._lesions.table)

    @cached_property
    def patient_count(self) -> int:
        """How many patients the lesions are of."""
        return int(self._lesions.table.get_column(PATIENT).n_unique())

    def same_patient(self, row: int, other: int) -> bool:
        patients = self._lesions.table.get_column(PATIENT)
        return bool(patients[row] == patients[other] and patients[row] != UNKNOWN_PATIENT)

    def tile(self, row: int) -> Image:
        """The lesion's picture, kept for the next time. Raises TileError."""
        picture = self._tiles.get(row)
        if picture is None:
            try:
                picture = self._lesions.tile(self._lesions.ids[row])
            except SkintuiError as error:
                raise TileError(error.what) from error
            self._tiles[row] = picture
            while len(self._tiles) > KEPT_TILES:
                self._tiles.popitem(last=False)
        return picture

    def tile_at_hand(self, row: int) -> Image | None:
        """The lesion's picture if it has been decoded already."""
        return self._tiles.get(row)
