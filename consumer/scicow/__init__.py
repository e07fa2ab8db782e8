"""SciCow: brings the messages of all beamlines into SciCat."""
