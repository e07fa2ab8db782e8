"""Directories of visits with their rights."""
