"""One scan in memory: its entry, and what the client says."""
