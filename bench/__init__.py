"""The benchmark: the program against what it has to beat, side by side on this machine."""
