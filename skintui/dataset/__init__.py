"""Metadata and tiles of a SLICE-3D data set: finding, reading, checking, filtering and splitting them."""
