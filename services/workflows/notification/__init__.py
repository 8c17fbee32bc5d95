"""Telling somebody: what is sent, over which wire, how often it is tried, and what became of it."""
