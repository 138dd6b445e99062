"""What is told to those who watch: logs and metrics."""
