"""The native explorer: breadth-first search by machine code made for one model."""

from modelcheck.explore.native.search import NativeExplorer

__all__ = ["NativeExplorer"]
