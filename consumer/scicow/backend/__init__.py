"""What this SciCat can do, and what our account may do there."""
