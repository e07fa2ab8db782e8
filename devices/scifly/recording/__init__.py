"""Recording an acquisition once: what was recorded, and through whom."""
