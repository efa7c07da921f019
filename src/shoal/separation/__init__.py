"""How far segments separate something that did not form them, beside simpler ways to group."""

from shoal.separation.door import compare_outcome

__all__ = ["compare_outcome"]
