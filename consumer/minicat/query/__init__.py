"""Filters, and how they become SQL."""
