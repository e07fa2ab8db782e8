"""The processes and services of a beamline on one machine."""
