"""What is written: labels, tables, the model, figures, the report."""
