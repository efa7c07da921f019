"""Thin doors: each calls public names only."""
