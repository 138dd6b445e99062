"""What rows go into: the seam (``target``, ``undo``) and its implementations, a folder each."""
