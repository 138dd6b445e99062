"""What people do with jobs: hand a file in, look at it, ask how it stands, call it off."""
