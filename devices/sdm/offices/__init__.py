"""Sources of proposals: DUO, SciCat, a file, and the cache before them."""
