"""Keeping the mirror of the registry fresh."""
