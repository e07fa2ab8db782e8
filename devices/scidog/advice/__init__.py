"""Likely mistakes in a configuration, found by looking at its devices."""
