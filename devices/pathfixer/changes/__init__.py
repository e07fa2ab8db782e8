"""Changes of what is active: one after another, whole or not at all, within the time a client may wait."""
