"""Statistics that any room may use: distributions, distances, hashes, the silhouette."""
