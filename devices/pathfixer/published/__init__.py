"""What the device publishes: the content of its attributes, its State and Status."""
