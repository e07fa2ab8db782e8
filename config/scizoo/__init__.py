"""SciZoo's scizoo."""
