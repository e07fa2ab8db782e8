"""The context of a scan, from PathFixer and SciDog."""
