"""Drawn tiles: a generator of skin-lesion tiles whose attributes are known, laid out like SLICE-3D.

A patient is drawn (`draw_patient`), then lesions of that patient (`draw_lesion`); the attributes are measured from
the drawn pixels and mask. `cohort` draws whole tables lesion by lesion, `faults` plants annotation errors in them and
`write` stores them in the layout of the Kaggle files.
"""

from skintui.dataset.drawn.lesion import DrawnLesion, draw_lesion
from skintui.dataset.drawn.patient import PatientStyle, draw_patient

__all__ = ["DrawnLesion", "PatientStyle", "draw_lesion", "draw_patient"]
