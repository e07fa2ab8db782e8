"""Where configurations are kept: a folder of YAML files, or MongoDB; and what holds for both."""
