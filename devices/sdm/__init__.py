"""SciZoo's sdm."""
