"""The segmentation as SQL: one statement that places customers where they live."""
