"""Programs that the benchmark runs as processes of their own, with libraries that the product does not have."""
