"""Status events on their way out: from the outbox, as CloudEvents, to the queue."""
