"""SciZoo's pathfixer."""
