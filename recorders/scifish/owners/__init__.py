"""Which process owns an open entry, and whether it still lives."""
