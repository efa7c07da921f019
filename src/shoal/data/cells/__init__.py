"""What the cells of a text column mean, decided by the whole column."""
