"""One scan in memory: its entry, and what its client sets."""
