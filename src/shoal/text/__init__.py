"""How numbers, headers and SQL are written, each in one place."""
