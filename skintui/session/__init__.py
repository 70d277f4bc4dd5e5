"""One open workspace in memory: view, selection, predictions, findings, neighbours, verdicts. No widget.

Where what is known lies:

- the centre: ``session`` holds what is open and selected, ``curator`` does what the reviewer does with it
- what the workspace says: ``reading`` (predictions, findings), ``neighbourhood``, ``known`` (facts, tiles)
- verdicts: ``decisions``, with ``tally`` (counts kept up) and ``meter`` (what they mean), ``journal``, ``blind``
- which rows: ``rules`` (filters and order, to keep), ``sieve`` (rules applied), ``audited`` (columns they may name
  beside the metadata's), ``queue`` (orders of annotations), ``listing`` (either, by position), ``facets``,
  ``completion``
- going on: ``jumps`` (to flagged, to undecided), ``onward`` (after a verdict), ``seeking`` (the search of both)
- one annotation: ``correction`` (a typed value), ``telling`` (as a line), ``lane`` (its patient's lesions), ``drawing``
- kept on the ``desk``: ``arrangement`` (how the work is laid out), ``saved_views``, ``resuming``, ``columns``; not
  kept: ``marks``
- what leaves: ``listed`` (rows for an export), ``plots``
"""

from skintui.session.curator import Curator
from skintui.session.lane import Lane, patient_lane
from skintui.session.listing import Cell, Listing
from skintui.session.neighbourhood import MODES, Neighbour, Neighbours
from skintui.session.reading import AttributeState, Reading
from skintui.session.session import Session

__all__ = [
    "MODES",
    "AttributeState",
    "Cell",
    "Curator",
    "Lane",
    "Listing",
    "Neighbour",
    "Neighbours",
    "Reading",
    "Session",
    "patient_lane",
]
