"""Readers of workbooks, one for each kind. They run in the helper process ``process`` only."""
