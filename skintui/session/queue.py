"""Which annotations are to be decided, and in which order."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.schema import PATIENT as PATIENT_COLUMN
from skintui.dataset.schema import UNKNOWN_PATIENT
from skintui.dataset.view import LesionView
from skintui.session.aside import give_back
from skintui.session.decisions import Decisions
from skintui.session.listing import A, Codes, QueueListing

if TYPE_CHECKING:
    from skintui.dataset.lesions import Lesions
    from skintui.session.reading import RankedFindings

SUSPICION, PATIENT, ATTRIBUTE, RANDOM = "suspicion", "patient", "attribute", "random"
DISAGREEMENTS, SECOND = "disagreements", "second"
ORDERS = (SUSPICION, PATIENT, ATTRIBUTE, RANDOM, DISAGREEMENTS, SECOND)
OF_THE_AUDIT = (SUSPICION, PATIENT, ATTRIBUTE)
"""Orders that only an audit can give."""
NO_AUDIT = "no audit yet"
"""Why there is none of them."""


class Queue:
    """The orders over one data set; ``order`` is the chosen one, ``attribute`` the one that comes first in its own."""

    def __init__(self, lesions: Lesions, decisions: Decisions) -> None:
        self.order = SUSPICION
        self.attribute = 0
        self._lesions, self._decisions = lesions, decisions
        self._kept: tuple[object, Codes] | None = None

    def why_not(self, findings: RankedFindings | None) -> str:
        """Why there is no queue in the chosen order, and what to do; empty where there is one."""
        if self.order in OF_THE_AUDIT and findings is None:
            return NO_AUDIT
        if self.order == DISAGREEMENTS and self._decisions.alone:
            return "what others decided is hidden; show it to see where you differ"
        if self.order == DISAGREEMENTS and not self._decisions.contested:
            return "nobody disagrees: no annotation has two different verdicts"
        if self.order == SECOND and not len(self._decisions.seconds):
            return "nothing for a second review: nobody else has decided what you have not"
        return ""

    def renew(self) -> None:
        """Look at the verdicts again when next listed; the other orders stay as long as the findings do."""
        if self.order in (DISAGREEMENTS, SECOND):
            self._kept = None

    def listing(self, findings: RankedFindings | None, view: LesionView) -> QueueListing:
        """The annotations of the view in the chosen order; those decided since it was begun stay where they are."""
        key = (self.order, self.attribute if self.order == ATTRIBUTE else None, findings)
        kept = self._kept  # a worker that counts may put another in its place
        if kept is None or kept[0] != key:
            self._kept = kept = key, self._codes(findings)
        return QueueListing(kept[1], view)

    def _codes(self, findings: RankedFindings | None) -> Codes:
        if self.order == RANDOM:
            sample = random_sample(self._lesions.labels(), self._lesions.dataset_sha256)
            give_back(self._lesions.labels())
            return sample
        if self.order == DISAGREEMENTS:
            return np.array(sorted(self._decisions.contested), dtype=np.int64)
        if self.order == SECOND:
            return self._decisions.seconds
        if findings is None:
            return np.empty(0, dtype=np.int64)
        if self.order == PATIENT:
            return by_patient(findings.codes, findings.flags.reshape(-1), self._people)
        return by_attribute(findings.codes, self.attribute) if self.order == ATTRIBUTE else findings.codes

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """(n × 16) flat: what is still to be decided; a disagreement is until it is resolved."""
        undecided = ~self._decisions.decided
        if self.order == DISAGREEMENTS and self._decisions.contested:
            undecided[list(self._decisions.contested)] = True
        return undecided

    def calibrates(self, view: LesionView) -> bool:
        """Whether verdicts in this order are of a random sample of all annotations."""
        return self.order == RANDOM and len(view) == view.frame.height and view.cells is None

    @cached_property
    def _people(self) -> Codes:
        """A number per patient (n,); a lesion of an unknown patient is a person of its own."""
        patients = self._lesions.table.get_column(PATIENT_COLUMN)
        numbers = patients.rank("dense").to_numpy().astype(np.int64)
        unknown = (patients == UNKNOWN_PATIENT).arg_true().to_numpy()
        numbers[unknown] = len(patients) + np.arange(len(unknown))
        return numbers

    def words(self) -> str:
        """The chosen order as a heading."""
        if self.order == ATTRIBUTE:
            return f"Suspicious, {ATTRIBUTES[self.attribute].title} first"
        return {
            SUSPICION: "Suspicious",
            PATIENT: "Suspicious by patient",
            RANDOM: "Random sample",
            DISAGREEMENTS: "Disagreements",
            SECOND: "Second review",
        }[self.order]


def by_patient(codes: Codes, flagged: NDArray[np.bool_], people: Codes) -> Codes:
    """Suspicious annotations patient by patient: most flagged ones first, then who has the most suspicious one.

    Args:
        codes: (m,) flat places, most suspicious first.
        flagged: (n × 16) flat.
        people: (n,) a number per patient.
    """
    if not len(codes):
        return codes
    count = int(people.max()) + 1
    narrow = np.min_scalar_type(count)  # numbers of 16 bits are sorted by counting
    owner = people.astype(narrow)[codes // A]
    flags = np.bincount(owner[flagged[codes]], minlength=count)
    first = np.full(count, len(codes), dtype=np.int64)
    first[owner[::-1]] = np.arange(len(codes) - 1, -1, -1)  # the last write, the most suspicious place, stays
    rank = np.empty(count, dtype=narrow)
    rank[np.lexsort((first, -flags))] = np.arange(count)
    return codes[np.argsort(rank[owner], kind="stable")]


def by_attribute(codes: Codes, attribute: int) -> Codes:
    """Suspicious annotations attribute by attribute, beginning with one and going on in the order of the table."""
    turn = ((codes % A - attribute) % A).astype(np.uint8)  # a byte is sorted by counting
    return codes[np.argsort(turn, kind="stable")]


def random_sample(labels: NDArray[np.float64], dataset_sha256: str) -> Codes:
    """Annotations drawn at random, at most one of each lesion, the same for every reviewer of a data set.

    Every labelled annotation gets a random number; a lesion stands where its least one falls, with that attribute. This
    is drawing annotations one after the other and passing over those of lesions drawn before: any beginning of the
    order is a random sample, and it is not sixteen times the same picture.
    """
    seed = int.from_bytes(hashlib.sha256(f"random sample of {dataset_sha256}".encode()).digest()[:8], "little")
    drawn = np.random.Generator(np.random.PCG64(seed)).random(labels.shape)
    drawn[np.isnan(labels)] = np.inf
    attribute = drawn.argmin(axis=1)
    least = drawn[np.arange(len(drawn)), attribute]
    order = np.argsort(least, kind="stable")[: int(np.isfinite(least).sum())]
    return np.asarray(order * A + attribute[order], dtype=np.int64)
