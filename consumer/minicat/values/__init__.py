"""Checks and forms of values."""
