"""AWS: its clients, its queues, and what its refusals mean."""
