"""AWS: clients, queues, listings, and what AWS's refusals mean."""
