"""What was asked of the worker."""
