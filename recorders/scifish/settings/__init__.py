"""SciFish's settings and where they are found."""
