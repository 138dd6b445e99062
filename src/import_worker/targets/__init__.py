"""Targets, which good rows are loaded into: the seam (``target``, ``undo``) and its implementations, a folder each."""
