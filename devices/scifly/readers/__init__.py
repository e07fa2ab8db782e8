"""Headers of instruments' files."""
