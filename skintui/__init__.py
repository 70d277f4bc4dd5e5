"""Audit the annotation quality of skin-lesion tiles from the terminal.

Importing the package loads nothing but the standard library; each room is imported where it is used.
"""

__version__ = "0.1.0"
