"""What rows go into."""
