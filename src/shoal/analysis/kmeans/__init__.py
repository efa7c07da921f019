"""K-Means on weighted points: the search, single steps, splits, and all rows."""
