"""A field's rules and conditions, checked in bounded time."""
