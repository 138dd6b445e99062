"""What people do with jobs: submit a file, preview it, ask for status and errors, cancel or roll back."""
