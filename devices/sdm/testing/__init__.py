"""A simulated user office for tests and trials."""
