"""Generated files with what is true of them, for tests of detection and reading."""
