"""Detects a file's encoding, its dialect and its header."""
