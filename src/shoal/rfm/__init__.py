"""Orders summed up to customers, RFM classes, and their comparison with segments."""
