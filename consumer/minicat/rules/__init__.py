"""What SciCat does with each kind of record."""
