"""Customers as persons: audiences that can be written to, and who asks to be forgotten."""
