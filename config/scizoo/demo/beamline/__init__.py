"""The demo's beamline: its folder, its parts and their start."""
