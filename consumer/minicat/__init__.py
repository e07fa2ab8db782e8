"""SciZoo's minicat."""
