"""Sending status events: from the outbox, as CloudEvents, to the status queue."""
