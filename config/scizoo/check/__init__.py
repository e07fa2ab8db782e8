"""`scizoo check`: the chain end to end, in words."""
