"""Delimited text: its bytes, its layout, its repair, and reading it."""
