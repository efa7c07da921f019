"""How rows are seen, kept and shared out: accumulators, threads, spilling, a cluster."""
