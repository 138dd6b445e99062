"""The benchmark: compares the program with other ways to do the same work, in one run on this machine."""
