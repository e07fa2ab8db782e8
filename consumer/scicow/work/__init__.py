"""Order and retry: one queue for each beamline."""
