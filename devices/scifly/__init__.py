"""SciZoo's scifly."""
