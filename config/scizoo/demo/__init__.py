"""`scizoo demo`: a whole beamline on one machine, whose scans end in the catalogue."""
