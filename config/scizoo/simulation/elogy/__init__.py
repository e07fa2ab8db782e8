"""A pretend Elogy, the electronic logbook: as much of its API as Scanlog uses, for tests and the demo."""
