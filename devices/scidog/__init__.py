"""SciZoo's scidog."""
