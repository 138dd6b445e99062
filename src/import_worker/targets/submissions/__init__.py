"""Submissions of a form: the host's tables as a target."""
