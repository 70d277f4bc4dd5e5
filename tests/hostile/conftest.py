"""Fixtures of this folder."""

from tests.small_fixtures import small, tiny

__all__ = ["small", "tiny"]
