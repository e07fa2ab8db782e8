"""The outbox's SQLite file: opened, checked, closed before a fork."""
