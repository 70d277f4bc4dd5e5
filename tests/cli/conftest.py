"""The small data set, the tiny model and their workspaces."""

from tests.small_fixtures import _indexed, indexed, predicted, small, tiny

__all__ = ["_indexed", "indexed", "predicted", "small", "tiny"]
