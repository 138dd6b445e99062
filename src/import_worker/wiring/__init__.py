"""Joining settings to concrete adapters: the only place that knows both."""
