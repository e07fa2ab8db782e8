"""What a configuration is: revisions, layers, names, merging, reading. No store, no Tango."""
