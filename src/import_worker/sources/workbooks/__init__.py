"""Readers of workbooks, one for each kind. They run only in the helper process (``process``)."""
