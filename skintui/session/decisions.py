"""The verdicts of one reviewer on one data set, durable before they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.lesions import Lesions
from skintui.errors import ReviewError, UsageError
from skintui.mounts import ON_NETWORK, mount_of
from skintui.review.record import Event, Key, ReviewRecord
from skintui.review.schema import BUSY_MS
from skintui.review.verdicts import Verdict
from skintui.session.listing import A
from skintui.steps.freshness import check_verdicts

LATER = "flagged for later"
"""Note of a flag: an unsure verdict that only says 'look again'."""

Annotation = tuple[str, str]
"""isic_id and attribute name."""
_PLACE = {attribute.name: index for index, attribute in enumerate(ATTRIBUTES)}


class Decisions:
    """Verdicts as the reader sees them: their own first, else the newest of the others.

    A verdict costs what it changes, however many there are. Read in several threads, changed in one.
    """

    def __init__(self, path: Path, reviewer: str, lesions: Lesions) -> None:
        self.reviewer = reviewer
        self.alone = False
        """Whether other people's verdicts are withheld; changed by :meth:`withhold`."""
        self.decided: NDArray[np.bool_] = np.zeros(len(lesions) * A, dtype=np.bool_)
        """(n × 16) flat: which annotations have a verdict of the reader's own."""
        self.contested: set[int] = set()
        """Flat places of the annotations on which standing verdicts differ."""
        self._by_others: set[int] = set()
        self._lesions = lesions
        self._record = ReviewRecord(path)
        self._seen = 0
        self._votes: dict[Annotation, dict[str, Verdict]] = {}
        self._shown: dict[Annotation, Verdict] = {}
        self._names: dict[str, set[str]] = {}
        self.refresh()
        try:
            check_verdicts(path, {isic_id for isic_id, _ in self._shown}, lesions)
        except ReviewError:
            self._record.close()
            raise

    def close(self) -> None:
        self._record.close()

    @property
    def on_network(self) -> str:
        """What to tell of a workspace on a network file system; empty on a disk."""
        mount = mount_of(self._record.path)
        return f"workspace on {mount.kind}: {ON_NETWORK}" if mount.is_network else ""

    def refresh(self, patience_ms: int = BUSY_MS) -> set[Annotation]:
        """Take in what was decided or taken back since, other processes' verdicts included: which annotations.

        Raises ReviewError where a writer keeps the file for longer than ``patience_ms``.
        """
        self._record.refresh(patience_ms)
        fresh = self._record.touched(self._seen)
        self._seen += len(fresh)
        for key in dict.fromkeys(fresh):
            self._count(key)
        changed = {key[:2] for key in fresh}
        for annotation in changed:
            self._settle(annotation)
        return changed

    def _count(self, key: Key) -> None:
        votes = self._votes.setdefault(key[:2], {})
        verdict = self._record.standing(key)
        if verdict is None:
            votes.pop(key[2], None)
        else:
            votes[key[2]] = verdict

    def _settle(self, annotation: Annotation) -> None:
        """Bring what is kept about one annotation in line with its votes."""
        votes = self._votes[annotation]
        self._show(annotation)
        try:
            code = self._lesions.row_of(annotation[0]) * A + _PLACE[annotation[1]]
        except (UsageError, KeyError):  # a lesion or an attribute that the data set has no longer
            return
        own = self.reviewer in votes
        self.decided[code] = own
        _hold(self._by_others, code, len(votes) > own)
        _hold(self.contested, code, len(votes) > 1 and len({v.verdict for v in votes.values()}) > 1)

    def _show(self, annotation: Annotation) -> None:
        votes = self._votes[annotation]
        shown = votes.get(self.reviewer)
        if shown is None and votes and not self.alone:
            shown = max(votes.values(), key=lambda verdict: verdict.reviewed_at)
        if shown is not None:
            self._shown[annotation] = shown
            self._names.setdefault(annotation[0], set()).add(annotation[1])
        elif self._shown.pop(annotation, None) is not None:
            self._names[annotation[0]].discard(annotation[1])

    def withhold(self, alone: bool) -> None:
        """Behave as if nobody else had decided anything, or no longer so."""
        self.alone = alone
        for annotation in self._votes:
            self._show(annotation)

    @property
    def version(self) -> tuple[int, bool]:
        """Another one whenever something else is visible."""
        return self._seen, self.alone

    # What is known

    def __len__(self) -> int:
        return len(self._shown)

    def of(self, isic_id: str, attribute: int) -> Verdict | None:
        return self._shown.get((isic_id, ATTRIBUTES[attribute].name))

    def visible(self) -> Mapping[Annotation, Verdict]:
        """Every verdict as :meth:`of` gives it, by lesion and attribute name: as of now, whatever is decided later."""
        return dict(self._shown)

    def own(self, isic_id: str, attribute: int) -> Verdict | None:
        return self._votes.get((isic_id, ATTRIBUTES[attribute].name), {}).get(self.reviewer)

    def others(self, isic_id: str, attribute: int) -> list[Verdict]:
        """What other people say of an annotation, newest first; nothing while that is withheld."""
        votes = {} if self.alone else self._votes.get((isic_id, ATTRIBUTES[attribute].name), {})
        found = [verdict for name, verdict in votes.items() if name != self.reviewer]
        return sorted(found, key=lambda verdict: verdict.reviewed_at, reverse=True)

    def of_lesion(self, isic_id: str) -> Verdict | None:
        """The newest verdict on a lesion, for a sign beside its id."""
        found = [self._shown[isic_id, name] for name in self._names.get(isic_id, ())]
        return max(found, key=lambda verdict: verdict.reviewed_at, default=None)

    @property
    def seconds(self) -> NDArray[np.int64]:
        """Flat places, in the order of the data set, of what others have decided and the reader has not."""
        return np.array(sorted(code for code in self._by_others if not self.decided[code]), dtype=np.int64)

    def last(self) -> Verdict | None:
        """The reader's last decision that stands, in whichever session it was given."""
        return self._record.last(self.reviewer)

    def events(self, after: int = 0) -> list[Event]:
        """Everything that happened, oldest first; while others are withheld, only what the reader did."""
        events = self._record.events(after)
        return [event for event in events if event.reviewer == self.reviewer] if self.alone else events

    def stands(self, event: Event) -> bool:
        return self._record.stands(event)

    def together(self, batch: int) -> tuple[Verdict, ...]:
        """The verdicts decided together."""
        return self._record.together(batch)

    def touched(self, after: int = 0) -> list[Annotation]:
        """Annotations whose verdicts may have changed, from the ``after``-th change on: for tallies that keep up."""
        return [key[:2] for key in self._record.touched(after)[: self._seen - after]]

    # What is done

    def record(self, verdicts: Sequence[Verdict]) -> None:
        """Write verdicts decided together; they are on the disk when this returns, and one undo takes them back."""
        self._record.record_many(verdicts)
        self.refresh()

    def undo(self, batch: int | None = None) -> tuple[Verdict, ...]:
        """Take one's last decision back, or another one by its batch: all verdicts decided together."""
        taken = self._record.undo_batch(self.reviewer, batch)
        self.refresh()
        return taken

    def redo(self) -> tuple[Verdict, ...]:
        again = self._record.redo_batch(self.reviewer)
        self.refresh()
        return again

    def take_back(self, isic_id: str, attribute: int) -> tuple[Verdict, ...]:
        """Take back the decision that one's verdict on an annotation was part of."""
        batch = self._record.batch_of((isic_id, ATTRIBUTES[attribute].name, self.reviewer))
        return () if batch is None else self.undo(batch)


def _hold(codes: set[int], code: int, held: bool) -> None:
    if held:
        codes.add(code)
    else:
        codes.discard(code)
