"""A scan of Sardana as SciFish records it, and what the macros do."""
