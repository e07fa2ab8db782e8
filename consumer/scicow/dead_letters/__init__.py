"""Failed messages, and those that wait for the user office."""
