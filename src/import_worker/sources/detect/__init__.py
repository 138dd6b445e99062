"""What a file is: its encoding, its dialect, its header."""
