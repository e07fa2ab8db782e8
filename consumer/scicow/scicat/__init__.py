"""The client of SciCat's API."""
