"""One open workspace in memory: view, selection, predictions, findings, neighbours, verdicts. No widget."""

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
