"""A simulated beamline: Tango devices with attributes of all types, a slow and a broken one too."""
