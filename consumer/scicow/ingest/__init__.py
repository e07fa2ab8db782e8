"""A message into the catalogue: proposal check, dataset, files, links."""
