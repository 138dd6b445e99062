"""Finding where records end, and cutting a text into ranges of whole records."""
