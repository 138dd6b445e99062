"""Cures: what a person could change so that cells are accepted."""
