"""Where records end: a text in ranges of whole records."""
