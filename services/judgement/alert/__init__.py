"""A fact crossed a limit: when, how far, and who was told."""
