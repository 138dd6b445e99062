"""From a launch message to running workers: messages, decisions, the dispatcher, and the search for dead jobs."""
