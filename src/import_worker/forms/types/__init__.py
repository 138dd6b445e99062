"""Field types: what each one accepts, and what is stored."""
