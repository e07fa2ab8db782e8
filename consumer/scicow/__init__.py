"""SciZoo's scicow."""
