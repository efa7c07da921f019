"""What is found in a table: facts of columns, features, segments, and how far to believe them."""
