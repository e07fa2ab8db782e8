"""Finding complete files in a folder."""
