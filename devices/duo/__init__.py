"""duo: the user office as some clients call it, on the proposals that sdm's settings name."""
