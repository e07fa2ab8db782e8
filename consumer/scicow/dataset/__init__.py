"""Rules of datasets: merged, coalesced, cut into datablocks. Pure functions."""
