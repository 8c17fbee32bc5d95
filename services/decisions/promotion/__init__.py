"""What was signed, on its way to an alias."""
