"""What production looked like, window by window: what is watched, profiles, and numbers."""
