"""From a range of bytes to a frame of cells."""
