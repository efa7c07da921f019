"""Segments that stay alive: fitted again, compared, moves between them, campaigns on them."""
