"""The command `scizoo`: demo, register, check; and the services of a beamline for tests."""
