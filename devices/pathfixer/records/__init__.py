"""What PathFixer keeps: what is active over a restart, and who changed it when."""
