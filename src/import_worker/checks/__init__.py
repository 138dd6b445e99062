"""What `doctor` looks at: one file per area, each independent of the others. Nothing here reads settings."""
